import { demandAmount } from '../demand-amount.js'

/**
 * Token bucket arithmetic over a clock it is told: tokens accrue at `rate` per second and are taken in one piece,
 * never before the whole piece has accrued. It starts empty, so that what was granted up to any moment never exceeds
 * rate × time. Idle, it saves at most `burst`; while somebody waits it goes on accruing up to what is waited for plus
 * `burst`, so that a late timer costs nothing and a stalled process cannot make up for more than one burst.
 */
export type Bucket = {
  /** Milliseconds from `now` until `amount` can be taken; 0 when it can. */
  wait(amount: number, now: number): number
  /** Takes `amount`, which may leave a debt where it was not there yet. */
  take(amount: number, now: number): void
  /** Gives back what was taken too much; a negative amount takes what was taken too little. */
  put(amount: number): void
  /** Nobody waits: savings above `burst` are forfeited. */
  rest(now: number): void
  /** The rate and savings from `now` on; what accrued or is owed stays. */
  setRate(rate: number, burst: number, now: number): void
}

/** A bucket at its start. */
export type BucketOptions = {
  /** Tokens per second; Infinity grants at once. */
  rate: number
  /** Tokens that an idle bucket saves. */
  burst: number
  /** Milliseconds on the clock that every call tells. */
  now: number
}

/** Less than this is missing only because floating-point sums are: it would be waited for at the same moment for ever. */
const rounding = 1e-6

/** A bucket that starts empty at `now`; throws ERR_OPTION for a rate that is no number above 0. */
export const bucket = ({ rate, burst, now: start }: BucketOptions): Bucket => {
  demandAmount('rate', rate)
  demandAmount('burst', burst, 0)
  let level = 0
  let at = start
  /** What somebody waits for. */
  let wanted = 0

  const accrue = (now: number, ceiling: number): void => {
    if (rate !== Number.POSITIVE_INFINITY)
      level = Math.min(level + (rate * (now - at)) / 1000, Math.max(level, ceiling))
    at = now
  }

  return {
    wait(amount, now) {
      if (rate === Number.POSITIVE_INFINITY) return 0
      wanted = amount
      accrue(now, amount + burst)
      const missing = amount - level
      return missing <= rounding ? 0 : (missing / rate) * 1000
    },
    take(amount, now) {
      if (rate === Number.POSITIVE_INFINITY) return
      wanted = 0
      accrue(now, amount + burst)
      level -= amount
    },
    put(amount) {
      if (rate !== Number.POSITIVE_INFINITY) level += amount
    },
    rest(now) {
      wanted = 0
      accrue(now, burst)
      level = Math.min(level, burst)
    },
    setRate(next, savings, now) {
      demandAmount('rate', next)
      demandAmount('burst', savings, 0)
      accrue(now, wanted + burst)
      rate = next
      burst = savings
      // A cap that was off owes and saved nothing.
      if (next === Number.POSITIVE_INFINITY) level = 0
    },
  }
}
