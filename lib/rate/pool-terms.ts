import type { CostVector, Terms } from '../ledger/terms.js'
import type { Cost } from './rate-pool.js'

/** What one may have at most; Infinity is no limit. */
export type Rates = {
  readonly bytesPerSecond: number
  readonly requestsPerSecond: number
  readonly unitsPerSecond: number
}

/** A cost in every dimension. */
export const vectorOf = ({ requests, bytes, units = 0 }: Cost): CostVector => ({ requests, bytes, units })

/** One process grants as it is asked: nothing ahead of its time. */
export const termsOf = (
  { bytesPerSecond, requestsPerSecond, unitsPerSecond }: Rates,
  burstBytes: (bytesPerSecond: number) => number,
): Terms => {
  const perByte = 1e6 / bytesPerSecond
  const perRequest = 1e6 / requestsPerSecond
  const perUnit = 1e6 / unitsPerSecond
  const savedUp = bytesPerSecond === Number.POSITIVE_INFINITY ? 0 : burstBytes(bytesPerSecond) * perByte
  return {
    pool: [
      { of: 'bytes', interval: perByte, savings: savedUp },
      { of: 'requests', interval: perRequest, savings: perRequest },
      { of: 'units', interval: perUnit, savings: 0 },
    ],
    user: [],
    quotas: [],
    lookAhead: 0,
    lead: 0,
    fence: 0,
  }
}
