import { withSet } from '../ledger/clocks.js'
import type { ClockTerms, CostVector, QuotaTerms } from '../ledger/terms.js'
import type { Answer } from './keeper.js'
import { clocksOf, isLimited, type PoolLimits, quotasAt, type Rates, ratesOf } from './limits.js'

/** The limits of a pool as they hold now, for one process of it. */
export type LimitsNow = {
  pool(): readonly ClockTerms[]
  readonly user: readonly ClockTerms[]
  /** The quotas of the day or month that it is at a moment of the ledger. */
  quotas(now: number): readonly QuotaTerms[]
  /** What the pool may have at most. */
  rates(): Rates
  /** What of a cost is limited at all. */
  limited(cost: CostVector): CostVector
  /** The time of day at a moment of the ledger; to the second, as midnight is. */
  momentOf(us: number): Date
  /** What day it is the ledger says. */
  note(answer: Pick<Answer, 'wallTime' | 'now'>): void
  /** An operator has set the limits of all; undefined where processes have their own. */
  operate(set: readonly ClockTerms[] | undefined): void
  /** This process takes the cap to be another one. */
  setRate(bytesPerSecond: number): void
}

/** Limits as a process was started with them. */
export const limitsNow = (limits: PoolLimits): LimitsNow => {
  // Of the limits of users most have none.
  const user = clocksOf(limits.user).filter(({ interval }) => interval > 0)
  let own: readonly ClockTerms[] = clocksOf(limits.pool)
  let set: readonly ClockTerms[] | undefined
  let wall: Pick<Answer, 'wallTime' | 'now'> | undefined
  /** The quotas of the day or month that it was when they were last asked for, and when by the time of day they end. */
  let period: readonly { readonly quota: QuotaTerms; readonly endsAt: number }[] = []

  const pool = (): readonly ClockTerms[] => withSet(own, set)

  const wallTimeAt = (us: number): number => (wall ? wall.wallTime + (us - wall.now) / 1000 : 0)

  return {
    pool,
    user,
    quotas(now) {
      if (!wall) return []
      const wallTime = wallTimeAt(now)
      const isOver = period.length === 0 || period.some(({ endsAt }) => endsAt <= wallTime)
      if (isOver)
        period = quotasAt(limits, { wallTime, now }).map(quota => ({
          quota,
          endsAt: wallTime + (quota.endsAt - now) / 1000,
        }))
      // A ledger that was lost counts from another moment, and its day ends when the day ends.
      return period.map(({ quota, endsAt }) => ({ ...quota, endsAt: now + (endsAt - wallTime) * 1000 }))
    },
    rates: () => ratesOf(pool()),
    limited({ requests, units, bytes }) {
      const terms = { pool: pool(), user, quotas: limits.quotas }
      return {
        requests: isLimited(terms, 'requests') ? requests : 0,
        units: isLimited(terms, 'units') ? units : 0,
        bytes: isLimited(terms, 'bytes') ? bytes : 0,
      }
    },
    momentOf: us => new Date(Math.round(wallTimeAt(us) / 1000) * 1000),
    note({ wallTime, now }) {
      wall = { wallTime, now }
    },
    operate(operators) {
      set = operators
    },
    setRate(bytesPerSecond) {
      own = clocksOf({ ...limits.pool, bytesPerSecond })
    },
  }
}
