import type { NamedEntry } from '../entry.js'
import type { Client } from '../http/client.js'
import { conditionOf } from '../http/condition.js'
import { isFinal } from '../http/final.js'
import type { Hop } from '../http/redirect.js'
import { type Planned, planned, type Skipped, unchanged } from '../outcome.js'
import { type Work, workOf } from '../work.js'
import { wrap } from '../wrap.js'

/** What `plan` needs. */
export type PlanOptions = {
  /** The way to the origins. */
  client: Client
  /** How an entry is asked for first. */
  hopTo: (entry: NamedEntry) => Hop
}

/** Settles an entry as planned, in the place of fetching it; an origin is asked nothing but whether a stored file is unchanged. */
export const plan = ({ client, hopTo }: PlanOptions) => {
  /** By the conditional GET that a sync would send, but for a single byte; an origin that sends more is not listened to. */
  const isUnchanged = async (
    entry: NamedEntry,
    condition: Record<string, string>,
    work: Work,
  ): Promise<boolean> => {
    try {
      const { head } = await client.send({
        method: 'GET',
        hop: hopTo(entry),
        headers: { ...condition, range: 'bytes=0-0' },
        expectBytes: 0,
        expect: [304],
        accept: () => undefined,
        work,
      })
      return head.status === 304
    } catch (error) {
      if (isFinal(wrap(error))) throw error
      return false
    }
  }

  return async (entry: NamedEntry, given?: unknown): Promise<Planned | Skipped> => {
    const work = workOf(given)
    const condition = entry.conditional ? conditionOf(entry) : {}
    const received = () => (work.received > 0 ? { received: work.received } : {})
    if (Object.keys(condition).length > 0 && (await isUnchanged(entry, condition, work)))
      return unchanged(entry, 'not-modified', { bytes: entry.local?.bytes ?? 0, ...received() })
    return planned(entry, { ...(entry.size !== undefined && { bytes: entry.size }), ...received() })
  }
}
