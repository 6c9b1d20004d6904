import fc from 'fast-check'
import t from 'tap'
import { randomFrom } from '../../fixtures/faults/random.js'
import { type Call, ledgerTrace } from '../../fixtures/ledger-trace.js'
import {
  eventsOf,
  ledgerWorld,
  mostIn,
  oneRequest,
  termsFor,
  type WorldActor,
} from '../../fixtures/ledger-world.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'
import { step } from '../../lib/ledger/step.js'

const actors = (count: number, users: number): WorldActor[] =>
  Array.from({ length: count }, (_, n) => ({ actor: `a${n}`, user: `u${n % users}` }))

/** Pools with any number of actors, of any cost. */
const worlds = fc.record({
  perSecond: fc.constantFrom(3, 10, 200, 1000),
  lookAhead: fc.constantFrom(0, 20_000, 50_000, 150_000),
  lead: fc.constantFrom(0, 2000),
  bytes: fc.boolean(),
  people: fc.array(
    fc.record({
      user: fc.nat(4),
      count: fc.integer({ min: 1, max: 10 }),
      bytes: fc.nat(65_536),
      weight: fc.double({ min: 0.1, max: 9, noNaN: true }),
      from: fc.nat(500_000),
      until: fc.integer({ min: 1_000_000, max: 3_000_000 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
})

t.test('slots are ordered and apart, near enough, and cost no more than the limits in any time', async t => {
  const property = fc.property(worlds, ({ perSecond, lookAhead, lead, bytes, people }) => {
    const terms = termsFor(perSecond, { lookAhead, lead })
    const bytesClock = { of: 'bytes' as const, interval: 2, savings: 10_000 }
    const world = ledgerWorld(
      bytes ? { ...terms, pool: [...terms.pool, bytesClock] } : terms,
      people.map(({ user, count, weight, bytes, from, until }, n) => ({
        actor: `a${n}`,
        user: `u${user}`,
        count,
        weight,
        cost: { bytes },
        from,
        until,
      })),
    )
    world.runUntil(2_000_000)
    let last = Number.NEGATIVE_INFINITY
    for (const { slot, count, spacing, madeAt } of world.made) {
      if (slot > madeAt + lookAhead || slot < madeAt + lead) return false
      // Ordered and disjoint: a slot comes after all of the grant before, by what it takes itself.
      if (slot < last + 1e6 / perSecond - 1) return false
      last = slot + (count - 1) * spacing
    }
    const events = eventsOf(world.made)
    return [20_000, 100_000, 1_000_000].every(
      windowUs =>
        mostIn(events, 'requests', windowUs) <= (windowUs * perSecond) / 1e6 + 1 &&
        (!bytes || mostIn(events, 'bytes', windowUs) <= (windowUs + 10_000) / 2 + 65_536),
    )
  })
  fc.assert(property, { numRuns: 150 })
  t.pass('in every world')
})

t.test('all of a limit is used as long as somebody waits', async t => {
  for (const perSecond of [10, 200, 1000, 5000])
    for (const count of [1, 2, 32]) {
      const people = actors(count, 4).map(actor => ({ ...actor, count: Math.ceil(perSecond / 100) }))
      const world = ledgerWorld(termsFor(perSecond), people)
      world.runUntil(4_000_000)
      const granted = eventsOf(world.made).filter(({ at }) => at >= 1e6 && at < 4e6).length
      t.ok(granted >= 3 * perSecond * 0.99, `${granted} of ${3 * perSecond} by ${count} actors`)
    }
})

t.test('an actor has one order and two grants at most that it has not collected', async t => {
  const property = fc.property(fc.integer(), seed => {
    const calls = ledgerTrace(randomFrom(seed))
    const state = openLedger()
    for (let count = 0; count < 300; count++) {
      const { now, operation } = calls.next().value as Call
      step(state, now, operation)
      for (const ready of state.ready.values()) if (ready.length > 2) return false
      const placed = [...state.users.values()].flatMap(({ orders }) => orders)
      if (placed.length !== state.orders.size) return false
      if (new Set(placed.map(({ actor }) => actor)).size !== placed.length) return false
    }
    return true
  })
  fc.assert(property, { numRuns: 100 })
  t.pass('in every trace')
})

t.test('what is kept twice agrees: the backlog, its weights, and who is parked', async t => {
  const property = fc.property(fc.integer(), seed => {
    const calls = ledgerTrace(randomFrom(seed))
    const state = openLedger()
    for (let count = 0; count < 300; count++) {
      const { now, operation } = calls.next().value as Call
      step(state, now, operation)
      let [weights, limited] = [0, 0]
      for (const [name, user] of state.backlog) {
        if (state.users.get(name) !== user || user.orders.length === 0) return false
        if (user.parked !== undefined) continue
        weights += user.weight
        if (user.limited > 0) limited += user.weight
      }
      if (weights !== state.weights || limited !== state.limitedWeights) return false
      for (const user of state.users.values())
        if (user.orders.length === 0 && user.parked !== undefined) return false
    }
    return true
  })
  fc.assert(property, { numRuns: 100 })
  t.pass('in every trace')
})

t.test('time never runs backwards', async t => {
  const state = openLedger()
  const tick = (now: number) =>
    step(state, now, { kind: 'tick', terms: termsFor(10), incarnation: '', stamp: 0 }).state.now
  t.strictSame([5, 3, 1_000_000, 999_999, 1_000_001].map(tick), [5, 5, 1_000_000, 1_000_000, 1_000_001])
})

t.test(
  'another incarnation grants nothing for the fence, and tells what it grants from what was before',
  async t => {
    const world = ledgerWorld(termsFor(200, { fence: 130_000 }), actors(8, 2))
    world.runUntil(1_000_000)
    const before = world.made.length
    world.change({ incarnation: 'second' })
    const stepped = world.enter({ kind: 'tick' })
    t.strictSame(stepped.grants, [])
    t.strictSame([stepped.state.orders.size, stepped.state.ready.size], [0, 0], 'orders and grants are gone')
    world.runUntil(2_000_000)
    const later = world.made.slice(before)
    t.ok(later.every(({ slot, epoch }) => slot >= 1_130_000 && epoch === 1))
    t.ok(later.length >= 160, 'and then goes on')
    const stamped = step(openLedger(), 0, {
      kind: 'tick',
      terms: termsFor(10),
      incarnation: 'x',
      stamp: 1_700_000_000_000,
    })
    t.equal(stamped.state.epoch, 1_700_000_000_000, 'also where nothing of it is left')
  },
)

t.test(
  'actors whose limits differ from those of others who are there are told so, and change nothing',
  async t => {
    const state = openLedger()
    const ask = (agreement: string, now: number) => {
      const order = { cost: oneRequest, count: 1, weight: 1, standing: true }
      const common = { terms: termsFor(10), incarnation: '', stamp: 0, agreement }
      return step(state, now, { kind: 'request', actor: agreement, user: 'u', order, ...common })
    }
    t.equal(ask('10/s', 0).disagreement, undefined)
    const second = ask('20/s', 1_000_000)
    t.equal(second.disagreement, '10/s')
    t.strictSame([second.grants, second.pollAt, state.orders.has('20/s')], [[], undefined, false])
    t.equal(ask('20/s', 10_000_001).disagreement, undefined, 'unless they are gone for 10 s')
  },
)

t.test('a user is held to its own limits, whoever asks for others', async t => {
  const state = openLedger()
  const unlimited = termsFor(200)
  const limited = { ...unlimited, user: [{ of: 'requests' as const, interval: 50_000, savings: 0 }] }
  const order = { cost: oneRequest, count: 1, weight: 1, standing: true }
  const slots = { slow: new Set<number>(), fast: new Set<number>() }
  for (let now = 0; now < 2_000_000; now += 5_000)
    for (const [actor, terms] of [
      ['slow', limited],
      ['fast', unlimited],
    ] as const) {
      const common = { terms, incarnation: '', stamp: 0 }
      const { grants } = step(state, now, { kind: 'request', actor, user: actor, order, ...common })
      for (const { actor, slot } of grants) slots[actor as keyof typeof slots].add(slot)
    }
  t.ok(Math.abs(slots.slow.size - 40) <= 2, `${slots.slow.size} in 2 s at 20 a second`)
  t.ok(slots.slow.size + slots.fast.size >= 390, `${slots.fast.size} of the rest`)
})

t.test('limits that an operator sets hold for all until others are set', async t => {
  const world = ledgerWorld(termsFor(200), actors(4, 2))
  world.runUntil(1_000_000)
  world.enter({ kind: 'set', pool: [{ of: 'requests', interval: 1e6 / 50, savings: 0 }] })
  world.runUntil(3_000_000)
  const during = eventsOf(world.made).filter(({ at }) => at >= 1_500_000 && at < 2_500_000).length
  t.ok(Math.abs(during - 50) <= 1, `${during} in a second`)
  world.enter({ kind: 'set' })
  world.runUntil(5_000_000)
  const after = eventsOf(world.made).filter(({ at }) => at >= 3_500_000 && at < 4_500_000).length
  t.ok(Math.abs(after - 200) <= 1, `${after} in a second, as the actors have it`)
})

t.test('who does not know the limits changes none of them, raises no fence and grants nothing', async t => {
  const world = ledgerWorld(termsFor(200), actors(2, 1))
  world.runUntil(500_000)
  const { state } = world
  const before = structuredClone(state.clocks)
  const operator = { incarnation: 'second', stamp: 7 }
  const paused = step(state, 500_000, { kind: 'pause', us: 1_000_000, cut: false, ...operator })
  t.strictSame([paused.grants, paused.nextAt, paused.pollAt], [[], undefined, undefined])
  t.strictSame([state.clocks, state.incarnation, state.epoch], [before, 'first', 0])
  t.equal(state.pausedUntil, 1_500_000, 'but it takes effect')
  world.change({ incarnation: 'second' })
  world.enter({ kind: 'tick' })
  t.equal(state.incarnation, 'second', 'the next one who does raises it')
})

t.test('who has not asked for ten seconds is forgotten, with all that lay ready for it', async t => {
  const world = ledgerWorld(termsFor(10), [{ actor: 'gone', user: 'u' }])
  world.runUntil(500_000)
  const { state } = world
  t.ok(state.orders.has('gone') || state.ready.has('gone'))
  step(state, 12_000_000, { kind: 'tick', terms: termsFor(10), incarnation: 'first', stamp: 0 })
  t.strictSame([state.orders.size, state.ready.size, state.due.size, state.seen.size], [0, 0, 0, 0])
})
