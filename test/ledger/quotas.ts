import fc from 'fast-check'
import t from 'tap'
import { ledgerWorld, oneRequest, termsFor } from '../../fixtures/ledger-world.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'
import { room, spentBy, use, usedOf } from '../../lib/ledger/quotas.js'
import type { QuotaTerms } from '../../lib/ledger/terms.js'

const daily = (limit: number, period = '2026-11-29'): QuotaTerms => ({
  of: 'requests',
  limit,
  period,
  endsAt: 9e9,
})
const termsOf = (...quotas: QuotaTerms[]) => termsFor(1000, { quotas })

t.test('a quota is used exactly, however many ask for how much at once', async t => {
  const property = fc.property(
    fc.integer({ min: 1, max: 400 }),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 1, max: 3 }),
    (limit, counts, each) => {
      const world = ledgerWorld(
        termsOf(daily(limit)),
        counts.map((count, n) => ({ actor: `a${n}`, user: `u${n % 2}`, count, cost: { requests: each } })),
      )
      world.runUntil(8_000_000)
      const granted = world.made.reduce((sum, { count, cost }) => sum + count * cost.requests, 0)
      return granted === limit - (limit % each)
    },
  )
  fc.assert(property, { numRuns: 60 })
  t.pass('at any limit')
})

t.test('who has nothing left is told which quota it is, and to come back later', async t => {
  const world = ledgerWorld(termsOf(daily(1)), [])
  const order = { cost: oneRequest, count: 1, weight: 1, standing: true }
  const ask = () => world.enter({ kind: 'request', actor: 'a', user: 'u', order })
  t.equal(ask().spent, undefined)
  const { spent, pollAt } = ask()
  t.match(spent, { limit: 1, period: '2026-11-29' })
  t.equal(pollAt, 2_000_000)
  world.change({ terms: termsOf(daily(1, '2026-11-30')) })
  t.equal(ask().spent, undefined, 'until the next period')
})

t.test('what is given back can be used again, and never in a later period', async t => {
  const state = openLedger()
  use(state, termsOf(daily(10)), oneRequest, 10)
  t.equal(room(state, termsOf(daily(10)), oneRequest), 0)
  use(state, termsOf(daily(10)), oneRequest, -3)
  t.equal(room(state, termsOf(daily(10)), oneRequest), 3)
  use(state, termsOf(daily(10, '2026-11-30')), oneRequest, 2)
  use(state, termsOf(daily(10)), oneRequest, -5)
  t.equal(usedOf(state, daily(10, '2026-11-30')), 2, 'yesterday is over')
  use(state, termsOf(daily(10)), oneRequest, 1)
  t.equal(usedOf(state, daily(10)), 3, 'an actor whose day is not over yet counts in the one that has begun')
  use(state, termsOf(daily(10, '2026-12-01')), oneRequest, -1)
  t.equal(usedOf(state, daily(10, '2026-12-01')), 0, 'less than nothing is not used')
})

t.test('only what is used of a dimension counts', async t => {
  const state = openLedger()
  const none = { requests: 0, units: 5, bytes: 5 }
  t.equal(room(state, termsOf(daily(0)), none), Number.POSITIVE_INFINITY)
  t.equal(spentBy(state, termsOf(daily(0)), none), undefined)
  t.match(spentBy(state, termsOf(daily(0)), oneRequest), { of: 'requests' })
})
