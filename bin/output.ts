import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { SyncError } from '../lib/index.js'

/** Lines on their way to stdout. */
export type Output = {
  /** Takes a line; a promise where the reader has to catch up first. */
  write(line: string): Promise<void> | undefined
  /** Resolves when every line has left, or when nobody takes them any more. */
  end(): Promise<void>
  /** The run is to end: from now on a reader who takes nothing for a while counts as gone, by `reason`. */
  hurry(reason: SyncError): void
  /** Why nobody takes lines any more: ERR_ABORTED by EPIPE when the reader has seen enough, what `hurry` was told, or ERR_DESTINATION. */
  readonly lost: SyncError | undefined
}

export type OutputOptions = {
  /** Hears at once when nobody takes lines any more. */
  onLost?: (reason: SyncError) => void
  /** Called before lines are written. */
  beforeWrite?: () => void
  /** Milliseconds for which a reader may take nothing, once there is a hurry. */
  patienceMs?: number
}

/** Small enough for a slow reader to be seen to take some of it. */
const mostBuffered = 16 * 1024

/** Writes lines in groups: at the end of a turn of the event loop, or as soon as many have gathered. */
export const output = (
  stdout: Writable,
  { onLost, beforeWrite, patienceMs = 5_000 }: OutputOptions = {},
): Output => {
  let buffered = ''
  let draining: Promise<void> | undefined
  let lost: SyncError | undefined
  const gone = new AbortController()
  let patience: NodeJS.Timeout | undefined

  const lose = (reason: SyncError): void => {
    if (lost) return
    lost = reason
    buffered = ''
    clearTimeout(patience)
    gone.abort()
    onLost?.(reason)
  }
  stdout.on('error', error => lose(toLoss(error)))

  const onTaken = (): void => void patience?.refresh()

  const flush = (): void => {
    if (buffered === '') return
    const lines = buffered
    buffered = ''
    beforeWrite?.()
    if (stdout.write(lines, onTaken)) return
    const drained = (): void => {
      draining = undefined
    }
    // It rejects with the error that `lost` tells of.
    draining ??= once(stdout, 'drain', { signal: gone.signal }).then(drained, drained)
  }

  return {
    write(line) {
      if (lost) return undefined
      if (buffered === '') setImmediate(flush)
      buffered += line
      if (buffered.length >= mostBuffered) flush()
      return draining
    },
    async end() {
      flush()
      if (!lost)
        await new Promise<void>(resolve => {
          gone.signal.addEventListener('abort', () => resolve(), { once: true })
          stdout.write('', () => resolve())
        })
      clearTimeout(patience)
    },
    hurry(reason) {
      const lookWhetherGone = () => (stdout.writableLength > 0 ? lose(reason) : patience?.refresh())
      if (!lost) patience ??= setTimeout(lookWhetherGone, patienceMs)
    },
    get lost() {
      return lost
    },
  }
}

const toLoss = ({ code, message }: NodeJS.ErrnoException): SyncError =>
  code === 'EPIPE'
    ? new SyncError('ERR_ABORTED', 'stdout was closed', { scope: 'run', cause: 'EPIPE' })
    : new SyncError('ERR_DESTINATION', `stdout: ${message}`)
