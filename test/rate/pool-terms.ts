import t from 'tap'
import { noRates } from '../../lib/pool/limits.js'
import { termsOf, vectorOf } from '../../lib/rate/pool-terms.js'

t.test(
  'limits are times that one byte, one request and one unit take, with what may be saved of each',
  async t => {
    const { pool, lookAhead, fence } = termsOf(
      { bytesPerSecond: 1_000_000, requestsPerSecond: 10, unitsPerSecond: 1000 },
      rate => rate / 100,
    )
    t.strictSame(pool, [
      { of: 'bytes', interval: 1, savings: 10_000 },
      { of: 'requests', interval: 100_000, savings: 100_000 },
      { of: 'units', interval: 1000, savings: 0 },
    ])
    t.strictSame([lookAhead, fence], [0, 0], 'one process grants as it is asked')
  },
)

t.test('what is unlimited takes no time and saves nothing', async t => {
  const { pool } = termsOf(noRates, () => 7)
  t.strictSame(pool, [
    { of: 'bytes', interval: 0, savings: 0 },
    { of: 'requests', interval: 0, savings: 0 },
    { of: 'units', interval: 0, savings: 0 },
  ])
})

t.test('a cost has units only where it is said', async t => {
  t.strictSame(vectorOf({ requests: 1, bytes: 5 }), { requests: 1, bytes: 5, units: 0 })
  t.strictSame(vectorOf({ requests: 1, bytes: 5, units: 2 }), { requests: 1, bytes: 5, units: 2 })
})
