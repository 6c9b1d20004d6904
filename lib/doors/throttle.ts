export type { Claimant, Cost, Grant, RatePool } from '../rate/rate-pool.js'
export { type ThrottleOptions, throttle } from '../rate/throttle.js'
