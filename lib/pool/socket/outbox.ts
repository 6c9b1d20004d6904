import type { Reply, Told } from './message.js'

/** Somebody at the other end. */
export type Peer = {
  /** Sends whole lines; what it cannot take is its own loss. */
  write(lines: string): void
}

export type Outbox = {
  /** Sends a message with all others of this turn of the event loop. `spends` says that it must not be heard of before what was done is stored. */
  send(peer: Peer, message: Reply | Told, spends: boolean): void
  /** Sends them now. */
  flush(): void
}

/** Gathers messages: one write to the disk and one to each peer. `store` stores what was done, or tells why it could not. */
export const openOutbox = (store: () => string | undefined): Outbox => {
  let outbox: { peer: Peer; message: Reply | Told; spends: boolean }[] = []
  let isScheduled = false

  const flush = (): void => {
    isScheduled = false
    const sending = outbox
    outbox = []
    const fault = store()
    const lines = new Map<Peer, string>()
    for (const { peer, message, spends } of sending) {
      const told = fault !== undefined && spends ? refused(message, fault) : message
      if (told) lines.set(peer, `${lines.get(peer) ?? ''}${JSON.stringify(told)}\n`)
    }
    for (const [peer, text] of lines) peer.write(text)
  }

  return {
    send(peer, message, spends) {
      outbox.push({ peer, message, spends })
      if (isScheduled) return
      isScheduled = true
      setImmediate(flush)
    },
    flush,
  }
}

/** What nobody may rely on, as it would be forgotten, is not said. */
const refused = (message: Reply | Told, fault: string): Reply | undefined =>
  'push' in message
    ? undefined
    : { id: message.id, error: `what is used of quotas cannot be stored (${fault})` }
