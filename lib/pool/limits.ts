import type { ClockTerms, Dimension, QuotaTerms, Terms } from '../ledger/terms.js'
import type { Rates } from '../rate/pool-terms.js'

export type { Rates }

/** So much of `of` in each day or month. */
export type Quota = { readonly of: Dimension; readonly limit: number; readonly per: 'day' | 'month' }

/** The limits of a shared pool. */
export type PoolLimits = {
  readonly pool: Rates
  readonly user: Rates
  readonly quotas: readonly Quota[]
  /** Whose midnight ends a day: a time zone such as `America/Los_Angeles`. */
  readonly zone: string
}

export const noRates: Rates = {
  bytesPerSecond: Number.POSITIVE_INFINITY,
  requestsPerSecond: Number.POSITIVE_INFINITY,
  unitsPerSecond: Number.POSITIVE_INFINITY,
}

/** A slot may be used this much late at most: then it is forfeited. */
export const latestUs = 4_000

/** What may lie between that decision and the request, while a processor does something else. */
const delayUs = 1_000

/** Bytes alone may be used so late: a second has a fiftieth more of them at most. */
export const latestBytesUs = 20_000

/** How far apart the clocks of two actors may take a moment of the ledger to be. */
const spreadUs = 1_000

/**
 * The window in which a limit is never exceeded. n slots T apart, each used up to `latestUs` and `delayUs` late, span n × T less both at least: so that no
 * window has more than its limit, T is longer by what lateness and clocks make of it. What that costs is 0.6 % of the rate.
 */
const windowUs = 1_000_000
const guard = (windowUs + latestUs + delayUs + spreadUs) / windowUs

/** What an idle pool saves up of its bytes: a moment of them, for late timers. */
const savingsUs = 10_000

/** The clocks that keep `rates`. */
export const clocksOf = ({ bytesPerSecond, requestsPerSecond, unitsPerSecond }: Rates): ClockTerms[] => [
  { of: 'bytes', interval: (1e6 / bytesPerSecond) * guard, savings: savingsUs },
  { of: 'requests', interval: (1e6 / requestsPerSecond) * guard, savings: 0 },
  { of: 'units', interval: (1e6 / unitsPerSecond) * guard, savings: 0 },
]

/** The rates that clocks keep, as `clocksOf` makes them. */
export const ratesOf = (clocks: readonly ClockTerms[]): Rates => {
  const rateOf = (dimension: Dimension): number => {
    const intervals = clocks.filter(({ of, interval }) => of === dimension && interval > 0)
    return (1e6 * guard) / Math.max(0, ...intervals.map(({ interval }) => interval))
  }
  return {
    bytesPerSecond: rateOf('bytes'),
    requestsPerSecond: rateOf('requests'),
    unitsPerSecond: rateOf('units'),
  }
}

/** Whether anything limits `of`. */
export const isLimited = (
  { pool, user, quotas }: Pick<Terms, 'pool' | 'user'> & { readonly quotas: readonly { of: Dimension }[] },
  of: Dimension,
): boolean =>
  [...pool, ...user].some(clock => clock.of === of && clock.interval > 0) ||
  quotas.some(quota => quota.of === of)

/** The limits in words, without what differs between users of one pool. */
export const wordsOf = ({ pool, quotas, zone }: PoolLimits, timetable?: string): string => {
  const said = (name: string, value: number | string) =>
    value === Number.POSITIVE_INFINITY ? [] : [`${name} ${value}`]
  const limits = [
    ...said('bwlimit', timetable ?? rateInWords(pool.bytesPerSecond)),
    ...said('tpslimit', pool.requestsPerSecond),
    ...said('units', pool.unitsPerSecond),
    ...quotas.map(({ of, limit, per }) => `quota ${limit} ${of} a ${per}${zone ? ` in ${zone}` : ''}`),
  ]
  return limits.length === 0 ? 'no limits' : limits.join(', ')
}

/** As one would write it; two rates never have the same words. */
const rateInWords = (bytesPerSecond: number): string | number => {
  const bits = bytesPerSecond * 8
  if (bits === Number.POSITIVE_INFINITY) return bits
  return bits % 1e6 === 0
    ? `${bits / 1e6}mbit`
    : bits % 1e3 === 0
      ? `${bits / 1e3}kbit`
      : `${bytesPerSecond}B`
}

/** The quotas of the period in which `wallTime` (milliseconds since 1970) falls, with its end on the ledger's clock. */
export const quotasAt = (
  { quotas, zone }: Pick<PoolLimits, 'quotas' | 'zone'>,
  { wallTime, now }: { wallTime: number; now: number },
): QuotaTerms[] =>
  quotas.map(({ of, limit, per }) => {
    const period = periodOf(wallTime, per, zone)
    return { of, limit, period, endsAt: now + (endOf(wallTime, per, zone) - wallTime) * 1000 }
  })

const periodOf = (at: number, per: Quota['per'], zone: string): string => {
  // Sweden writes dates as ISO 8601 does.
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(at)
  return per === 'day' ? day : day.slice(0, 7)
}

/** The first moment of the next period, to the second: days have 23 to 25 hours, and months 28 to 31 days. */
const endOf = (at: number, per: Quota['per'], zone: string): number => {
  const period = periodOf(at, per, zone)
  let within = at
  let beyond = at + (per === 'day' ? 26 : 32 * 24) * 3_600_000
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2)
    if (periodOf(middle, per, zone) === period) within = middle
    else beyond = middle
  }
  return beyond
}
