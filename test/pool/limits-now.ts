import t from 'tap'
import { nothing } from '../../lib/ledger/terms.js'
import { clocksOf, noRates, type PoolLimits } from '../../lib/pool/limits.js'
import { limitsNow } from '../../lib/pool/limits-now.js'

const capped: PoolLimits = {
  pool: { ...noRates, bytesPerSecond: 1e6 },
  user: { ...noRates, requestsPerSecond: 5 },
  quotas: [{ of: 'units', limit: 7, per: 'day' }],
  zone: 'UTC',
}

const near = (found: number, wanted: number) => Math.abs(found - wanted) < 1e-3

t.test('its own limits hold until an operator sets others, and again when that is over', async t => {
  const limits = limitsNow(capped)
  t.strictSame(limits.pool(), clocksOf(capped.pool))
  const set = clocksOf({ ...noRates, requestsPerSecond: 3 })
  limits.operate(set)
  t.strictSame(limits.pool(), set)
  t.ok(near(limits.rates().requestsPerSecond, 3))
  t.equal(limits.rates().bytesPerSecond, Number.POSITIVE_INFINITY)
  limits.operate(set.filter(({ of }) => of === 'requests'))
  t.ok(near(limits.rates().bytesPerSecond, 1e6), 'what an operator does not name stays')
  limits.setRate(500)
  limits.operate(undefined)
  t.ok(near(limits.rates().bytesPerSecond, 500), 'as they are by then')
})

t.test('what nothing limits is left out of a cost', async t => {
  const all = { requests: 1, units: 2, bytes: 3 }
  t.strictSame(limitsNow(capped).limited(all), all)
  const bare = { pool: noRates, user: noRates, quotas: [], zone: 'UTC' }
  t.strictSame(limitsNow(bare).limited(all), nothing)
  t.strictSame(limitsNow(bare).user, [])
})

t.test('what day it is the ledger says, and a quota is that of the day', async t => {
  const limits = limitsNow(capped)
  t.strictSame(limits.quotas(0), [], 'nobody knows before it has said so')
  limits.note({ wallTime: Date.UTC(2026, 10, 30, 23, 59, 59), now: 5e6 })
  const [before] = limits.quotas(5e6)
  t.match(before, { of: 'units', limit: 7, period: '2026-11-30', endsAt: 6e6 })
  t.equal(limits.momentOf(6e6).toISOString(), '2026-12-01T00:00:00.000Z')
  t.match(limits.quotas(6e6), [{ period: '2026-12-01' }])
})

t.test('a day ends when it ends, also on the clock of a ledger that begins anew', async t => {
  const limits = limitsNow(capped)
  const noon = Date.UTC(2026, 10, 30, 12)
  limits.note({ wallTime: noon, now: 40_000e6 })
  t.match(limits.quotas(40_000e6), [{ period: '2026-11-30', endsAt: 40_000e6 + 43_200e6 }])
  limits.note({ wallTime: noon + 1000, now: 0 })
  t.match(limits.quotas(0), [{ period: '2026-11-30', endsAt: 43_199e6 }])
  t.match(limits.quotas(43_199e6), [{ period: '2026-12-01' }])
})
