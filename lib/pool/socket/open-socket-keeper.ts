import { setTimeout } from 'node:timers/promises'
import { SyncError } from '../../errors.js'
import type { Keeper } from '../keeper.js'
import { type Surroundings, socketPath } from './address.js'
import { poolClient } from './client.js'
import { elect } from './elect.js'
import type { Link } from './link.js'

export type SocketKeeperOptions = Surroundings & {
  /** Milliseconds that an answer may take. */
  timeoutMs?: number
  /** Milliseconds within which there has to be a server at the start. */
  patienceMs?: number
}

/** Who lost their server come back a little apart from each other, and so do those who find nobody yet. */
const mostJitterMs = 40

/**
 * Opens the keeper of the pool `name` for all processes of this host that name the same `url`, `unix:PATH` or `local:`. The first of them
 * serves; when it ends, however it ends, the others elect another one, whose ledger begins with a fence. Rejects with ERR_OPTION for a
 * `url` that cannot be one, and with ERR_POOL if there is no server within `patienceMs`.
 */
export const openSocketKeeper = async (
  url: string,
  name: string,
  { timeoutMs = 1000, patienceMs = 10_000, ...surroundings }: SocketKeeperOptions = {},
): Promise<Keeper> => {
  const path = socketPath(url, surroundings)
  const client = poolClient({ name, path, timeoutMs })
  const closing = new AbortController()

  const tryToJoin = async (): Promise<Link | undefined> => {
    const link = await elect(path)
    if (!link) return undefined
    try {
      await client.use(link)
      return link
    } catch (error) {
      await link.close()
      throw error
    }
  }

  /** Joins whoever serves; undefined once this is closing. Rejects with what is in the way, at once where time does not mend it. */
  const join = async (patienceMs: number): Promise<Link | undefined> => {
    const until = performance.now() + patienceMs
    let fault = new SyncError('ERR_POOL', `nobody serves the pool at ${path}`)
    while (!closing.signal.aborted) {
      try {
        const link = await tryToJoin()
        if (link) return link
      } catch (error) {
        if (!(error instanceof SyncError)) throw error
        fault = error
      }
      // A run that has begun waits for whatever is mended by hand.
      const isHopeless = fault.code === 'ERR_OPTION' && Number.isFinite(patienceMs)
      if (isHopeless || performance.now() > until) throw fault
      await rest()
    }
    return undefined
  }

  const rest = (): Promise<void> =>
    setTimeout(Math.random() * mostJitterMs, undefined, { signal: closing.signal }).catch(() => {})

  const first = await join(patienceMs)
  let current = first
  const following = (async () => {
    while (current) {
      await current.ended
      client.lose()
      await current.close()
      await rest()
      current = await join(Number.POSITIVE_INFINITY)
    }
  })()

  return {
    keepsQuotas: true,
    call: client.call,
    status: client.status,
    listen: client.listen,
    async close() {
      closing.abort()
      client.close()
      await current?.close()
      await following
    },
  }
}
