import { type Gauge, gauged } from '../gauge.js'
import type { RatePool } from './pool.js'

/** The same pool, with who waits for a held origin or for a grant counted in `gauge`, for its bytes or its request, whichever is more of what there is. */
export const gaugedPool = (pool: RatePool, gauge: Gauge): RatePool => ({
  ...pool,
  grant(cost, claimant) {
    const { origin } = claimant
    // Without a limit there is nothing to wait for.
    if (
      pool.rate(origin) === Number.POSITIVE_INFINITY &&
      pool.requestRate(origin) === Number.POSITIVE_INFINITY
    )
      return pool.grant(cost, claimant)
    const isForBytes = cost.bytes / pool.rate(origin) >= cost.requests / pool.requestRate(origin)
    return gauged(gauge, isForBytes ? 'awaitingBytes' : 'awaitingRequest', pool.grant(cost, claimant))
  },
  released: (origin, signal) => gauged(gauge, 'held', pool.released(origin, signal)),
})
