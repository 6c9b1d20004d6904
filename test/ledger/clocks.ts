import fc from 'fast-check'
import t from 'tap'
import { advanced, follow, readyAt, rest, spacingOf, withSet } from '../../lib/ledger/clocks.js'
import type { ClockTerms } from '../../lib/ledger/terms.js'

const requests: ClockTerms = { of: 'requests', interval: 1000, savings: 500 }
const bytes: ClockTerms = { of: 'bytes', interval: 2, savings: 0 }
const cost = { requests: 1, units: 0, bytes: 700 }

t.test('something can be done once all of it has accrued in every dimension', async t => {
  t.equal(readyAt([0, 0], [requests, bytes], cost, 1, 0), 1400)
  t.equal(readyAt([5000, 0], [requests, bytes], cost, 1, 0), 6000)
  t.equal(readyAt([0, 0], [requests, bytes], cost, 0.5, 0), 2800, 'half the rate takes twice the time')
  t.equal(readyAt([0, 0], [requests, bytes], cost, 1, 9000), 9000)
  t.equal(readyAt([], [{ ...requests, interval: 0 }], cost, 1, 7), 7, 'no limit, no waiting')
  t.equal(readyAt([9e9], [bytes], { ...cost, bytes: 0 }, 1, 7), 7, 'nor for what is not used')
})

t.test('the dimension that takes longest says how far apart two events are', async t => {
  t.equal(spacingOf([requests, bytes], cost, 1), 1400)
  t.equal(spacingOf([requests, bytes], { ...cost, bytes: 1 }, 0.5), 2000)
  t.equal(spacingOf([], cost, 1), 0)
})

t.test('a clock moves on by what is used, and saves no more than it may', async t => {
  t.equal(advanced(0, requests, cost, 3, 1, 0), 3000)
  t.equal(advanced(0, requests, cost, 1, 1, 10_000), 9500)
  t.equal(
    advanced(42, requests, { ...cost, requests: 0 }, 1, 1, 10_000),
    42,
    'one that is not used stands still',
  )
})

t.test('a rate that changes leaves as much accrued or owed as there was', async t => {
  const property = fc.property(
    fc.integer({ min: 1, max: 10_000 }),
    fc.integer({ min: 1, max: 10_000 }),
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    (interval, next, ahead) => {
      const [clock] = follow(
        [{ ...requests, interval, accrued: 5e6 + ahead }],
        [{ ...requests, interval: next }],
        5e6,
      )
      return Math.abs(((clock?.accrued ?? 0) - 5e6) / next - ahead / interval) < 1e-6
    },
  )
  fc.assert(property)
  t.pass('at any rates')
})

t.test('clocks are those of the terms: kept, changed, or new', async t => {
  const clock = { ...requests, accrued: 70 }
  const [same] = follow([clock], [requests], 100)
  t.equal(same, clock)
  t.strictSame(follow([clock], [{ ...requests, savings: 1 }], 100), [{ ...clock, savings: 1 }])
  t.strictSame(follow([], [requests], 100), [{ ...requests, accrued: 100 }])
  t.strictSame(follow([clock], [bytes], 100), [{ ...bytes, accrued: 100 }], 'requests are no bytes')
  t.strictSame(follow([{ ...clock, interval: 0 }], [requests], 100), [{ ...requests, accrued: 100 }])
  t.strictSame(follow([clock], [], 100), [])
})

t.test('who rests forfeits all but the savings, and the one that may come at once', async t => {
  const clocks = [
    { ...requests, accrued: 0 },
    { ...bytes, accrued: 9000 },
    { ...bytes, savings: 500, accrued: 0 },
  ]
  rest(clocks, 2000)
  t.strictSame(
    clocks.map(({ accrued }) => accrued),
    [1000, 9000, 1500],
  )
})

t.test('an operator sets limits of the dimensions that it names', async t => {
  const slower = { ...bytes, interval: 20 }
  t.strictSame(withSet([bytes, requests], [slower]), [slower, requests])
  t.strictSame(withSet([requests], [slower]), [requests])
  t.strictSame(withSet([bytes], undefined), [bytes])
})
