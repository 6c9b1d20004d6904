import fc from 'fast-check'
import t from 'tap'
import { oneRequest } from '../../fixtures/ledger-world.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'
import {
  charge,
  drop,
  enqueue,
  firstParked,
  isAlone,
  isIdle,
  nextUser,
  park,
  release,
  repeat,
  turn,
  unparkUntil,
} from '../../lib/ledger/queue.js'
import type { LedgerUser } from '../../lib/ledger/terms.js'

const order = { cost: oneRequest, count: 1, weight: 1, standing: true }

const withUsers = (...names: string[]) => {
  const state = openLedger()
  for (const name of names) enqueue(state, { actor: `${name}1`, user: name, order: order }, [])
  return { state, user: (name: string) => state.users.get(name) as LedgerUser }
}

t.test('who was served least for its weight is next, by name where that is equal', async t => {
  const { state, user } = withUsers('b', 'a', 'c')
  t.equal(nextUser(state)?.[0], 'a')
  charge(state, user('a'), 100)
  t.equal(nextUser(state)?.[0], 'b')
})

t.test(
  'within a user it is first come, first served, and who was served stands behind the others',
  async t => {
    const { state, user } = withUsers('a')
    enqueue(state, { actor: 'a2', user: 'a', order: order }, [])
    enqueue(state, { actor: 'a1', user: 'a', order: { ...order, count: 5 } }, [])
    const actors = () => user('a').orders.map(({ actor, order }) => `${actor} ${order.count}`)
    t.strictSame(actors(), ['a1 5', 'a2 1'], 'what is said anew stands where it stood')
    const [first] = user('a').orders
    if (first) repeat(state, user('a'), first)
    t.strictSame(actors(), ['a2 1', 'a1 5'])
    enqueue(state, { actor: 'a2', user: 'b', order: order }, [])
    t.strictSame([actors(), user('b').orders.length], [['a1 5'], 1], 'an actor waits for one user')
  },
)

t.test('who comes anew, or back, starts now and has hoarded no turns', async t => {
  const { state, user } = withUsers('a', 'b')
  for (let n = 0; n < 1000; n++) {
    const [, next] = nextUser(state) ?? []
    if (!next) return t.fail('nobody')
    state.virtualTime = Math.max(state.virtualTime, next.tag)
    charge(state, next, 100)
  }
  drop(state, 'b1')
  enqueue(state, { actor: 'c1', user: 'c', order: order }, [])
  enqueue(state, { actor: 'b1', user: 'b', order: order }, [])
  t.equal(user('c').tag, state.virtualTime)
  t.ok(Math.abs(user('a').tag - user('c').tag) <= 200, 'nor has it to wait for what others had before')
})

t.test('virtual time is not ahead of those who wait all the time, whatever their weights', async t => {
  const property = fc.property(
    fc.array(fc.constantFrom(0.25, 1, 3, 100, 1000), { minLength: 1, maxLength: 90 }),
    weights => {
      const state = openLedger()
      for (const [n, weight] of weights.entries())
        enqueue(state, { actor: `a${n}`, user: `u${n}`, order: { ...order, weight } }, [])
      for (let n = 0; n < 500; n++) {
        const [, next] = nextUser(state) ?? []
        if (!next) return false
        state.virtualTime = Math.max(state.virtualTime, next.tag)
        charge(state, next, 100)
      }
      // As far ahead as the one who has the largest steps, at most.
      const steps = Math.max(...weights.map(weight => 100 / weight))
      return state.virtualTime - (nextUser(state)?.[1].tag ?? 0) <= steps
    },
  )
  fc.assert(property, { numRuns: 60 })
  t.pass('with any')
})

t.test('who is parked is not next, and comes back at its time', async t => {
  const { state, user } = withUsers('a', 'b')
  park(state, user('a'), 500)
  t.strictSame([nextUser(state)?.[0], firstParked(state)?.[0], isAlone(state, user('b'))], ['b', 'a', true])
  park(state, user('b'), 400)
  t.strictSame([nextUser(state), firstParked(state)?.[0], isIdle(state)], [undefined, 'b', true])
  state.virtualTime = 77
  unparkUntil(state, 499)
  t.strictSame([nextUser(state)?.[0], user('b').tag, isAlone(state, user('b'))], ['b', 77, true])
})

t.test('a user that is parked before its turns is limited, and one that is not is not', async t => {
  const { state, user } = withUsers('a', 'b')
  park(state, user('a'), 500)
  unparkUntil(state, 500)
  const limited = () => [user('a').limited > 0, state.limitedWeights, state.weights]
  turn(state, user('a'))
  t.strictSame(limited(), [true, 1, 2])
  turn(state, user('a'))
  t.strictSame(limited(), [false, 0, 2])
  turn(state, user('a'))
  t.strictSame(limited(), [false, 0, 2])
})

t.test('an actor that is released leaves nothing behind', async t => {
  const { state } = withUsers('a')
  state.ready.set('a1', [])
  state.due.set('a1', 1)
  state.seen.set('a1', { user: 'a', at: 1 })
  release(state, 'a1')
  release(state, 'nobody')
  t.strictSame(
    [state.orders, state.ready, state.due, state.seen, state.backlog].map(({ size }) => size),
    [0, 0, 0, 0, 0],
  )
  t.ok(isIdle(state))
})
