import type { CostVector, Terms } from '../ledger/terms.js'
import type { Cost } from './rate-pool.js'

/** A cost in every dimension. */
export const vectorOf = ({ requests, bytes, units = 0 }: Cost): CostVector => ({ requests, bytes, units })

/** One process grants as it is asked: nothing ahead of its time. */
export const termsOf = (
  bytesPerSecond: number,
  requestsPerSecond: number,
  burstBytes: (bytesPerSecond: number) => number,
): Terms => {
  const perByte = 1e6 / bytesPerSecond
  const perRequest = 1e6 / requestsPerSecond
  const savedUp = bytesPerSecond === Number.POSITIVE_INFINITY ? 0 : burstBytes(bytesPerSecond) * perByte
  return {
    pool: [
      { of: 'bytes', interval: perByte, savings: savedUp },
      { of: 'requests', interval: perRequest, savings: perRequest },
    ],
    user: [],
    quotas: [],
    lookAhead: 0,
    lead: 0,
    fence: 0,
  }
}
