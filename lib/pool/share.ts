import { type CostVector, nothing, plus } from '../ledger/terms.js'
import type { Clock } from '../rate/clock.js'
import { localPool } from '../rate/pool.js'
import type { Claimant, Grant } from '../rate/rate-pool.js'
import type { Rates } from './limits.js'

export type ShareOptions = {
  /** What the pool may have, and what one user may. */
  rates: Rates
  user: Rates
  /** How many shared it. */
  actors: number
  clock: Clock
}

/** What one process goes on with while the ledger is lost. */
export type Share = {
  grant(cost: CostVector, claimant: Claimant): Promise<Grant | undefined>
  /** The pool is capped at another rate from now on. */
  setRate(bytesPerSecond: number): void
  /** What was granted, which no quota has counted. */
  granted(): CostVector
  close(): void
}

/** One part of as many as there were; undefined where nothing limits how fast: what only a quota limits cannot be shared without the ledger. */
export const openShare = ({ rates, user, actors, clock }: ShareOptions): Share | undefined => {
  // Of the processes none knows how many are of one user: as if all were.
  const shareOf = (all: number, own: number): number => Math.min(all, own) / actors
  const bytesPerSecond = shareOf(rates.bytesPerSecond, user.bytesPerSecond)
  const requestsPerSecond = shareOf(rates.requestsPerSecond, user.requestsPerSecond)
  const unitsPerSecond = shareOf(rates.unitsPerSecond, user.unitsPerSecond)
  if (Math.min(bytesPerSecond, requestsPerSecond, unitsPerSecond) === Number.POSITIVE_INFINITY)
    return undefined
  const pool = localPool({ bytesPerSecond, requestsPerSecond, unitsPerSecond, clock })
  let granted = nothing
  return {
    async grant(cost, claimant) {
      const grant = await pool.grant(cost, claimant)
      if (grant) granted = plus(granted, cost)
      return grant
    },
    setRate: next => pool.setRate(shareOf(next, user.bytesPerSecond)),
    granted: () => granted,
    close: pool.close,
  }
}
