import { savingsBytes } from './base-segment.js'
import { type Clock, systemClock } from './clock.js'
import { followTimetable } from './follow-timetable.js'
import { localPool, type RatePool } from './pool.js'
import type { Timetable } from './timetable.js'

export type OpenPoolOptions = {
  bwlimit: Timetable
  /** Requests per second; Infinity is no limit. */
  tpslimit: number
  segment: number | 'auto' | 'off'
  clock?: Clock
  /** The time of day. */
  today?: () => Date
  /** Decides the jitter of a hold. */
  random?: () => number
}

/** A pool that knows what it granted at most. */
export type OwnPool = RatePool & {
  /** The most bytes per second that held at any time. */
  highestRate(): number
}

/** The budget of a run that shares it with nobody, following its timetable; `close` ends its timers. */
export const openPool = ({
  bwlimit,
  tpslimit,
  segment,
  clock = systemClock,
  today = () => new Date(),
  random = Math.random,
}: OpenPoolOptions): OwnPool => {
  const pool = localPool({
    bytesPerSecond: bwlimit.rateAt(today()),
    requestsPerSecond: tpslimit,
    burstBytes: rate => (typeof segment === 'number' ? segment : savingsBytes(rate)),
    clock,
    random,
  })
  const changes = bwlimit.nextChange(today()) !== undefined
  let highest = pool.rate()
  const setRate = (rate: number): void => {
    highest = Math.max(highest, rate)
    pool.setRate(rate)
  }
  const unfollow = followTimetable({ timetable: bwlimit, setRate, clock, today })
  return {
    ...pool,
    mayCap: () => changes || pool.mayCap(),
    highestRate: () => highest,
    close() {
      unfollow()
      pool.close()
    },
  }
}
