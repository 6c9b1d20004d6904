import type { Socket } from 'node:net'

export type RelayOptions = {
  /** How long each byte is under way. */
  delayMs: number
  /** Up to this much is under way, or waits to be taken; then no more is read. */
  limitBytes: number
}

/** Hands on what comes from one socket to another, in order, each piece `delayMs` after it came, and so its end. */
export const relay = (from: Socket, to: Socket, { delayMs, limitBytes }: RelayOptions): void => {
  const underWay: { due: number; piece: Buffer | undefined }[] = []
  let heldBytes = 0
  let timer: NodeJS.Timeout | undefined

  const deliver = (): void => {
    clearTimeout(timer)
    timer = undefined
    const now = performance.now()
    for (let next = underWay[0]; next && next.due <= now && !to.writableNeedDrain; next = underWay[0]) {
      underWay.shift()
      heldBytes -= next.piece?.length ?? 0
      if (next.piece) to.write(next.piece)
      else to.end()
    }
    if (heldBytes < limitBytes) from.resume()
    arm()
  }
  const arm = (): void => {
    const [next] = underWay
    if (timer || !next || to.writableNeedDrain) return
    timer = setTimeout(deliver, Math.max(0, next.due - performance.now()))
  }
  const take = (piece: Buffer | undefined): void => {
    underWay.push({ due: performance.now() + delayMs, piece })
    heldBytes += piece?.length ?? 0
    if (heldBytes >= limitBytes) from.pause()
    arm()
  }

  from.on('data', take)
  from.once('end', () => take(undefined))
  to.on('drain', deliver)
  from.once('error', () => to.destroy())
  to.once('close', () => {
    clearTimeout(timer)
    // What has ended may still be under way the other way.
    if (!from.readableEnded) from.destroy()
  })
}
