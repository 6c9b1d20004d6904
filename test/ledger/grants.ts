import fc from 'fast-check'
import t from 'tap'
import {
  eventsOf,
  type LedgerWorld,
  ledgerWorld,
  mostIn,
  oneRequest,
  sharesOf,
  termsFor,
  type WorldActor,
} from '../../fixtures/ledger-world.js'
import { serve } from '../../lib/ledger/grants.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'
import type { Terms } from '../../lib/ledger/terms.js'

const many = (user: string, count: number, more: Partial<WorldActor> = {}): WorldActor[] =>
  Array.from({ length: count }, (_, n) => ({ actor: `${user}-${n}`, user, ...more }))

/** A limit for each user, with enough savings to make up for slots that others have. */
const userLimit = (perSecond: number, savings = 20_000): Pick<Terms, 'user'> => ({
  user: [{ of: 'requests', interval: 1e6 / perSecond, savings }],
})

const servedTo = ({ made }: LedgerWorld, name: string): number =>
  made.reduce((sum, { user, count }) => (user === name ? sum + count : sum), 0)

t.test('two users get the same, with 31 actors and with one', async t => {
  for (const perSecond of [10, 200, 1000]) {
    // Enough at once that two grants of the one last until it is there again.
    const count = Math.ceil(perSecond / 50)
    const world = ledgerWorld(termsFor(perSecond), [...many('a', 31, { count }), ...many('b', 1, { count })])
    world.runUntil(13_000_000)
    const { a = 0, b = 0 } = sharesOf(world.made, 1e6, 13e6)
    t.ok(Math.abs(a - b) <= 0.02 * (a + b) + count, `${a} and ${b} at ${perSecond}/s`)
  }
})

t.test('users who wait all the time get shares by weight, whatever they ask for', async t => {
  const person = fc.record({
    weight: fc.constantFrom(0.5, 1, 2, 3, 50),
    actors: fc.integer({ min: 2, max: 5 }),
    // What is granted at once lasts until an actor is there again: who does not ask for more does not wait all the time.
    count: fc.integer({ min: 5, max: 8 }),
  })
  const property = fc.property(fc.array(person, { minLength: 2, maxLength: 6 }), people => {
    const world = ledgerWorld(
      termsFor(200),
      people.flatMap(({ weight, actors, count }, n) => many(`u${n}`, actors, { weight, count })),
    )
    world.runUntil(1_000_000)
    const before = people.map((_, n) => servedTo(world, `u${n}`))
    world.runUntil(3_000_000)
    // Service over weight of any two differs by a grant of each, and by what is granted ahead.
    const most = Math.max(...people.map(({ weight, count }) => count / weight))
    const moved = people.map(
      (_, n) => (servedTo(world, `u${n}`) - (before[n] ?? 0)) / (people[n]?.weight ?? 1),
    )
    return Math.max(...moved) - Math.min(...moved) <= 2 * most
  })
  fc.assert(property, { numRuns: 30 })
  const world = ledgerWorld(termsFor(200), [...many('a', 4, { weight: 3 }), ...many('b', 4)])
  world.runUntil(10_000_000)
  const { a = 0, b = 0 } = sharesOf(world.made, 1e6, 10e6)
  t.ok(Math.abs(a / b - 3) < 0.06, `${a} and ${b}`)
})

t.test('a user gets its weight with a single actor that asks for enough', async t => {
  const world = ledgerWorld(termsFor(1000), [
    ...many('a', 1, { weight: 3, count: 25 }),
    ...many('b', 1, { count: 25 }),
    ...many('c', 20, { count: 5 }),
  ])
  world.runUntil(20_000_000)
  const { a = 0, b = 0, c = 0 } = sharesOf(world.made, 2e6, 20e6)
  t.ok(Math.abs(a / b - 3) < 0.15 && Math.abs(b / c - 1) < 0.05, `${a}, ${b} and ${c}`)
})

t.test('a hundred users with different weights get shares by them', async t => {
  const people = Array.from({ length: 100 }, (_, n) => many(`u${n}`, 2, { weight: n % 2 === 0 ? 1 : 3 }))
  const world = ledgerWorld(termsFor(5000), people.flat())
  world.runUntil(8_000_000)
  const shares = sharesOf(world.made, 1e6, 8e6)
  const total = (rest: number) =>
    Object.entries(shares).reduce((sum, [name, n]) => (Number(name.slice(1)) % 2 === rest ? sum + n : sum), 0)
  t.ok(Math.abs(total(1) / total(0) - 3) < 0.1, `${total(1)} and ${total(0)}`)
})

t.test('a user who comes while another has all is served within two slots and the look-ahead', async t => {
  for (const perSecond of [10, 200]) {
    const world = ledgerWorld(termsFor(perSecond), [...many('a', 31), ...many('b', 1, { from: 3_000_000 })])
    world.runUntil(6_000_000)
    const first = world.made.find(({ user }) => user === 'b')?.slot ?? Number.POSITIVE_INFINITY
    t.ok(first <= 3_000_000 + 2e6 / perSecond + 50_000, `${first} at ${perSecond}/s`)
  }
})

t.test('a user with a limit below its share gets it within 1 %, and the others get the rest', async t => {
  const property = fc.property(
    fc.constantFrom(7, 20, 33, 50, 90),
    fc.constantFrom(1, 2, 8),
    fc.constantFrom(1, 3, 8),
    (limit, slow, fast) => {
      const people = [...many('a', slow, { count: 4 }), ...many('b', fast, { count: 4 })]
      const world = ledgerWorld(termsFor(200, userLimit(limit)), people)
      world.runUntil(11_000_000)
      const { a = 0, b = 0 } = sharesOf(world.made, 1e6, 11e6)
      return (
        Math.abs(a - 10 * limit) <= 0.01 * 10 * limit + 1 && Math.abs(b - 10 * limit) <= 0.01 * 10 * limit + 1
      )
    },
  )
  fc.assert(property, { numRuns: 20 })
  t.pass('each of two')
})

t.test('a parked user delays nobody: the pool is used to 99 % by whoever may', async t => {
  for (const limit of [30, 70, 90]) {
    const people = [...many('a', 4, { weight: 50 }), ...many('b', 1), ...many('c', 4), ...many('d', 8)]
    const world = ledgerWorld(termsFor(200, userLimit(limit)), people)
    world.runUntil(11_000_000)
    const shares = sharesOf(world.made, 1e6, 11e6)
    const { a = 0 } = shares
    t.ok(Math.abs(a - 10 * limit) <= 0.01 * 10 * limit + 1, `${a} of ${10 * limit} for who would have more`)
    const total = Object.values(shares).reduce((sum, share) => sum + share, 0)
    const possible = Math.min(2000, 4 * 10 * limit)
    t.ok(total >= 0.99 * possible, `${total} of ${possible}`)
  }
})

t.test('while all are parked nothing is saved up', async t => {
  const world = ledgerWorld(termsFor(1000, userLimit(10)), [...many('a', 4), ...many('b', 4)])
  world.runUntil(5_000_000)
  const { a = 0, b = 0 } = sharesOf(world.made, 1e6, 5e6)
  t.ok(Math.abs(a - 40) <= 1 && Math.abs(b - 40) <= 1, `${a} and ${b} of 40 each`)
  world.change({ terms: termsFor(1000) })
  world.runUntil(6_000_000)
  const events = eventsOf(world.made)
  t.ok(mostIn(events, 'requests', 10_000) <= 11, 'nor is it used at once when the limits are gone')
})

t.test('a pause of a user delays nobody else, and ends when it is over or taken back', async t => {
  const world = ledgerWorld(termsFor(200), [...many('a', 4), ...many('b', 4)], { isHeard: true })
  world.runUntil(1_000_000)
  world.enter({ kind: 'pause', user: 'a', us: 2_000_000, cut: false })
  world.runUntil(2_000_000)
  const { a = 0, b = 0 } = sharesOf(world.made, 1_100_000, 2_000_000)
  t.ok(a === 0 && b >= 178, `${a} and ${b}`)
  world.enter({ kind: 'resume', user: 'a' })
  world.runUntil(5_000_000)
  const after = sharesOf(world.made, 2_200_000, 3_000_000)
  t.ok((after['a'] ?? 0) >= 75, `${after['a']} after the pause was taken back`)
})

t.test('debt of one dimension does not keep those who do not use it', async t => {
  const bytes = { of: 'bytes' as const, interval: 1, savings: 0 }
  const terms = { ...termsFor(200, userLimit(50)), pool: [bytes, ...termsFor(200).pool] }
  const world = ledgerWorld(terms, [...many('a', 4), ...many('b', 4)])
  world.runUntil(1_000_000)
  // A minute of bytes that nobody had reckoned with.
  world.enter({ kind: 'settle', user: 'c', weight: 1, more: { requests: 0, units: 0, bytes: 60e6 } })
  world.runUntil(4_000_000)
  const { a = 0, b = 0 } = sharesOf(world.made, 2e6, 4e6)
  t.ok(a >= 98 && b >= 98, `${a} and ${b} of 100 each`)
})

t.test('an actor that has crashed costs two grants, and no turn after that', async t => {
  const world = ledgerWorld(termsFor(200), many('a', 3))
  world.runUntil(1_000_000)
  const { state, made } = world
  const before = made.filter(({ actor }) => actor === 'crashed').length
  const order = { cost: oneRequest, count: 1, weight: 1, standing: true }
  world.enter({ kind: 'request', actor: 'crashed', user: 'a', order })
  world.runUntil(3_000_000)
  const wasted = made.filter(({ actor }) => actor === 'crashed').length - before
  t.ok(wasted <= 4, `${wasted}: two that it was told of, two that it was not`)
  t.notOk(state.orders.has('crashed'))
})

t.test('nothing is granted where nobody waits, and it is told when something can be', async t => {
  const state = openLedger()
  const terms = termsFor(10, { lookAhead: 0, lead: 0 })
  t.strictSame(serve(state, terms, undefined), { grants: [], nextAt: undefined })
  const world = ledgerWorld(terms, [])
  const order = { cost: oneRequest, count: 1, weight: 1, standing: false }
  const stepped = world.enter({ kind: 'request', actor: 'x', user: 'u', order })
  t.strictSame([stepped.grants, stepped.nextAt], [[], 100_000])
  world.runUntil(100_000)
  const [grant] = world.enter({ kind: 'tick' }).grants
  t.match(grant, { actor: 'x', slot: 100_000, count: 1 })
})

t.test('one call makes no more than so many rounds, and says that more can be done', async t => {
  const terms = termsFor(1e6, { lookAhead: 0, lead: 0 })
  const world = ledgerWorld(terms, [])
  const order = { cost: { ...oneRequest, requests: 0 }, count: 1, weight: 1, standing: false }
  for (let n = 0; n < 200; n++) world.enter({ kind: 'request', actor: `a${n}`, user: 'u', order })
  t.equal(world.made.length, 200)
  world.enter({ kind: 'pause', us: 10, cut: false })
  for (let n = 0; n < 200; n++) world.enter({ kind: 'request', actor: `b${n}`, user: 'u', order })
  world.runUntil(10)
  const stepped = world.enter({ kind: 'tick' })
  t.strictSame([stepped.grants.length, stepped.nextAt], [128, 10])
})

t.test('what only a quota limits is granted at one slot at a time, as often as it was asked for', async t => {
  const terms = termsFor(1, {
    pool: [],
    quotas: [{ of: 'requests', limit: 7, period: '1', endsAt: 9e12 }],
  })
  const world = ledgerWorld(terms, [])
  const ask = () =>
    world.enter({
      kind: 'request',
      actor: 'a',
      user: 'u',
      order: { cost: oneRequest, count: 5, weight: 1, standing: true },
    })
  t.strictSame(
    ask().grants.map(({ count }) => count),
    [5],
  )
  t.strictSame(
    ask().grants.map(({ count }) => count),
    [2],
  )
  t.match(ask().spent, { of: 'requests' })
})
