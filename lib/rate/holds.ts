import { type Clock, sleep } from './clock.js'
import type { RatePool } from './rate-pool.js'

/** Origins that are not to be asked for a while. */
export type Holds = Pick<RatePool, 'heldFor' | 'released'> & {
  /** Holds `origin` for `ms` from now, and a little longer. A longer hold wins: whether this is the longest. */
  hold(origin: string, ms: number): boolean
  /** The same, until the clock shows `at`. */
  holdUntil(origin: string, at: number): boolean
}

export type HoldsOptions = {
  clock: Clock
  /** Decides the jitter of a hold. */
  random: () => number
}

/** So that not all who were told the same moment come back at it. */
const mostJitterMs = 1000

/** With more than these, those that are over are forgotten: nobody may ever ask for them again. */
const mostRemembered = 1024

/** No origin is held yet. */
export const openHolds = ({ clock, random }: HoldsOptions): Holds => {
  const held = new Map<string, number>()
  let sweepAt = mostRemembered

  const heldFor = (origin: string): number => {
    const until = held.get(origin)
    if (until === undefined) return 0
    const left = until - clock.now()
    if (left <= 0) held.delete(origin)
    return Math.max(0, left)
  }

  /** Not again before there are twice as many as are left: very many may be held at once. */
  const sweep = (): void => {
    for (const each of held.keys()) heldFor(each)
    sweepAt = Math.max(mostRemembered, 2 * held.size)
  }

  const holdUntil = (origin: string, at: number): boolean => {
    if (at <= (held.get(origin) ?? 0)) return false
    if (held.size >= sweepAt) sweep()
    held.set(origin, at)
    return true
  }

  return {
    hold: (origin, ms) => holdUntil(origin, clock.now() + ms + random() * Math.min(ms / 10, mostJitterMs)),
    holdUntil,
    heldFor,
    async released(origin, signal) {
      for (let ms = heldFor(origin); ms > 0; ms = heldFor(origin)) await sleep(ms, { clock, signal })
    },
  }
}
