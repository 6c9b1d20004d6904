import t from 'tap'
import { ledgerWorld, oneRequest, termsFor } from '../../fixtures/ledger-world.js'
import { apply } from '../../lib/ledger/apply.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'

const order = { cost: oneRequest, count: 1, weight: 1, standing: true }

t.test('an actor gets what lay ready for it once', async t => {
  const world = ledgerWorld(termsFor(10), [])
  world.enter({ kind: 'request', actor: 'a', user: 'u', order })
  world.runUntil(60_000)
  world.enter({ kind: 'tick' })
  const ready = world.state.ready.get('a') ?? []
  t.ok(ready.length > 0)
  const { grants } = world.enter({ kind: 'request', actor: 'a', user: 'u', order })
  t.strictSame(grants.slice(0, ready.length), ready)
  t.notOk(world.state.ready.has('a'))
})

t.test('an actor without an order, and one that leaves, wait for nothing', async t => {
  const world = ledgerWorld(termsFor(1), [])
  world.enter({ kind: 'request', actor: 'a', user: 'u', order })
  t.ok(world.state.orders.has('a'))
  world.enter({ kind: 'request', actor: 'a', user: 'u' })
  t.notOk(world.state.orders.has('a'))
  t.ok(world.state.seen.has('a'), 'but the one is there')
  world.enter({ kind: 'leave', actor: 'a' })
  t.notOk(world.state.seen.has('a'))
})

t.test('what was granted and cost more is waited for, and what cost less is given back', async t => {
  const terms = { ...termsFor(1), pool: [{ of: 'bytes' as const, interval: 1, savings: 0 }] }
  const world = ledgerWorld(terms, [])
  const bytes = (more: number) => ({ requests: 0, units: 0, bytes: more })
  world.enter({ kind: 'tick' })
  const at = () => world.state.clocks[0]?.accrued
  world.enter({ kind: 'settle', user: 'u', weight: 2, more: bytes(5000) })
  t.strictSame([at(), world.state.users.get('u')?.tag], [5000, 2500])
  world.enter({ kind: 'settle', user: 'u', weight: 2, more: bytes(-3000) })
  t.strictSame([at(), world.state.users.get('u')?.tag], [2000, 1000], 'to the pool and to the user')
})

t.test('a user that owes less than it was held for is looked at again', async t => {
  const terms = termsFor(1000, { user: [{ of: 'bytes', interval: 1, savings: 0 }] })
  const world = ledgerWorld(terms, [])
  const large = { ...order, cost: { requests: 1, units: 0, bytes: 500_000 } }
  for (const actor of ['a', 'b']) world.enter({ kind: 'request', actor, user: 'u', order: large })
  world.enter({ kind: 'request', actor: 'x', user: 'other', order })
  const user = world.state.users.get('u')
  t.not(user?.parked, undefined)
  world.enter({ kind: 'settle', user: 'u', weight: 1, more: { requests: 0, units: 0, bytes: -499_000 } })
  t.ok(world.made.some(({ actor, slot }) => actor === 'a' && slot < 10_000))
})

t.test('an origin is held until the latest of what was said', async t => {
  const world = ledgerWorld(termsFor(1), [])
  world.enter({ kind: 'hold', origin: 'https://a.test', us: 500 })
  world.enter({ kind: 'hold', origin: 'https://a.test', us: 300 })
  t.strictSame([...world.state.holds], [['https://a.test', 500]])
  world.runUntil(501)
  world.enter({ kind: 'tick' })
  t.equal(world.state.holds.size, 0)
})

t.test('what did not happen counts against no quota', async t => {
  const state = openLedger()
  const terms = termsFor(1, { quotas: [{ of: 'requests', limit: 5, period: '1', endsAt: 0 }] })
  state.used.set('requests', { period: '1', amount: 4 })
  const common = { terms, incarnation: '', stamp: 0 }
  apply(state, { kind: 'refund', unused: { ...oneRequest, requests: 3 }, ...common }, terms)
  t.equal(state.used.get('requests')?.amount, 1)
})
