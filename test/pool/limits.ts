import t from 'tap'
import { clocksOf, isLimited, noRates, quotasAt, ratesOf, wordsOf } from '../../lib/pool/limits.js'

const off = Number.POSITIVE_INFINITY

t.test(
  'slots are far enough apart that no second has more than the limit, late as they may be used',
  async t => {
    for (const requestsPerSecond of [1, 10, 200, 5000, 20_000]) {
      const [, requests] = clocksOf({ ...noRates, requestsPerSecond })
      const interval = requests?.interval ?? 0
      // From the first, used 5 ms late by a clock that is 1 ms off, to the one that would be too many.
      t.ok(requestsPerSecond * interval - 6_000 >= 1_000_000 - 1e-3, `${requestsPerSecond}`)
      t.ok(1e6 / interval >= 0.99 * requestsPerSecond, 'and hardly a hundredth is lost')
    }
  },
)

t.test('what has no limit takes no time', async t => {
  const pool = clocksOf({ bytesPerSecond: 1000, requestsPerSecond: off, unitsPerSecond: off })
  const terms = { pool, user: clocksOf(noRates), quotas: [] }
  t.ok(isLimited(terms, 'bytes'))
  t.notOk(isLimited(terms, 'requests'))
  const quotas = [{ of: 'requests', limit: 5, period: '2026-11-30', endsAt: 0 } as const]
  t.ok(isLimited({ ...terms, quotas }, 'requests'))
})

t.test('limits are told in words, as far as all have to agree on them', async t => {
  const limits = { pool: noRates, user: { ...noRates, bytesPerSecond: 5 }, quotas: [], zone: 'UTC' }
  t.equal(wordsOf(limits), 'no limits')
  const quotas = [{ of: 'bytes', limit: 100, per: 'day' } as const]
  const pool = { ...noRates, bytesPerSecond: 1000, requestsPerSecond: 7 }
  t.equal(wordsOf({ ...limits, pool, quotas }), 'bwlimit 8kbit, tpslimit 7, quota 100 bytes a day in UTC')
  for (const [bytesPerSecond, words] of [
    [6_250_000, 'bwlimit 50mbit'],
    [6_250_000.5, 'bwlimit 6250000.5B'],
  ] as const)
    t.equal(wordsOf({ ...limits, pool: { ...noRates, bytesPerSecond } }), words)
  t.equal(wordsOf({ ...limits, pool }, '08:00,1M'), 'bwlimit 08:00,1M, tpslimit 7')
})

t.test('a period ends at the midnight of its zone, also where days are longer or shorter', async t => {
  const cases: [zone: string, per: 'day' | 'month', at: string, period: string, end: string][] = [
    ['UTC', 'day', '2026-11-30T23:59:59.999Z', '2026-11-30', '2026-12-01T00:00:00.000Z'],
    ['UTC', 'month', '2026-02-10T00:00:00Z', '2026-02', '2026-03-01T00:00:00.000Z'],
    ['America/Los_Angeles', 'day', '2026-11-30T07:00:00Z', '2026-11-29', '2026-11-30T08:00:00.000Z'],
    ['America/Los_Angeles', 'day', '2026-03-08T10:00:00Z', '2026-03-08', '2026-03-09T07:00:00.000Z'],
    ['Europe/Berlin', 'day', '2026-10-25T00:00:00Z', '2026-10-25', '2026-10-25T23:00:00.000Z'],
  ]
  for (const [zone, per, at, period, end] of cases) {
    const wallTime = Date.parse(at)
    const [quota] = quotasAt(
      { quotas: [{ of: 'requests', limit: 1, per }], zone },
      { wallTime, now: 5_000_000 },
    )
    t.equal(quota?.period, period, at)
    t.equal(new Date(wallTime + ((quota?.endsAt ?? 0) - 5_000_000) / 1000).toISOString(), end, at)
  }
})

t.test('rates are read back from the clocks that keep them', async t => {
  const rates = { bytesPerSecond: 6_250_000, requestsPerSecond: 20, unitsPerSecond: off }
  const read = ratesOf(clocksOf(rates))
  t.ok(Math.abs(read.bytesPerSecond - rates.bytesPerSecond) < 1e-3)
  t.ok(Math.abs(read.requestsPerSecond - rates.requestsPerSecond) < 1e-9)
  t.equal(read.unitsPerSecond, off)
  t.strictSame(ratesOf([]), { bytesPerSecond: off, requestsPerSecond: off, unitsPerSecond: off })
})
