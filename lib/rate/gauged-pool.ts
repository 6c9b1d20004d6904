import { type Gauge, gauged } from '../gauge.js'
import type { RatePool } from './pool.js'

/** The same pool, with who waits for a grant or for a held origin counted in `gauge`. */
export const gaugedPool = (pool: RatePool, gauge: Gauge): RatePool => ({
  ...pool,
  grant: (cost, claimant) => gauged(gauge, 'granting', pool.grant(cost, claimant)),
  released: (origin, signal) => gauged(gauge, 'held', pool.released(origin, signal)),
})
