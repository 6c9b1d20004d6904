import t from 'tap'
import { ledgerWorld, oneRequest, termsFor } from '../../fixtures/ledger-world.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'
import { claim, drop, enqueue } from '../../lib/ledger/queue.js'
import { count, userOf } from '../../lib/ledger/users.js'

t.test('a user is the same each time, with the weight that was last said', async t => {
  const state = openLedger()
  const user = userOf(state, 'a', 2)
  t.equal(userOf(state, 'a'), user)
  t.equal(user.weight, 2)
  t.equal(userOf(state, 'a', 1 / 3).weight, 341 / 1024, 'in steps of 1/1024')
  t.equal(userOf(state, 'a', 0).weight, 1 / 1024, 'and never none')
  count(state, user, 1)
  count(state, user, -1)
  t.equal(state.weights, 0)
})

t.test('weights add up to nothing when nobody is there, whatever they were', async t => {
  const state = openLedger()
  const order = { cost: oneRequest, count: 1, standing: true }
  for (let n = 0; n < 50; n++)
    enqueue(state, { actor: `a${n}`, user: `u${n}`, order: { ...order, weight: Math.sqrt(n + 0.1) } }, [])
  for (let n = 0; n < 50; n++)
    enqueue(state, { actor: `a${n}`, user: `u${n}`, order: { ...order, weight: Math.cbrt(n + 0.1) } }, [])
  for (let n = 49; n >= 0; n--) drop(state, `a${n}`)
  t.equal(state.weights, 0)
})

t.test(
  'of very many users those are forgotten who have not come for long, and owe and are owed nothing',
  async t => {
    const state = openLedger()
    const come = (name: string): void => {
      enqueue(
        state,
        { actor: name, user: name, order: { cost: oneRequest, count: 1, weight: 1, standing: true } },
        [],
      )
      drop(state, name)
    }
    const crowd = (label: string): void => {
      for (let n = 0; n < 1100; n++) come(`${label}${n}`)
    }
    const known = (name: string): boolean => state.users.has(name) || state.earlier.has(name)
    enqueue(
      state,
      { actor: 'waits', user: 'waits', order: { cost: oneRequest, count: 1, weight: 1, standing: true } },
      [],
    )
    userOf(state, 'old')
    crowd('a')
    t.ok(known('old'))
    crowd('b')
    crowd('c')
    t.strictSame([known('old'), known('waits'), known('c1')], [false, true, true])
    t.ok(state.users.size + state.earlier.size <= 2 * 1100)

    // One that is paused for an hour keeps its generation until long after that.
    userOf(state, 'paused').pausedUntil = 3600e6
    claim(state, 3600e6)
    for (const label of ['d', 'e', 'f']) crowd(label)
    t.ok(known('paused'))
    state.now = 4700e6
    for (const label of ['g', 'h']) crowd(label)
    t.notOk(known('paused'))
  },
)

t.test('users who wait end no generation, however many they are', async t => {
  const world = ledgerWorld(termsFor(1), [])
  for (let n = 0; n < 3000; n++)
    world.enter({
      kind: 'request',
      actor: `a${n}`,
      user: `u${n}`,
      order: { cost: oneRequest, count: 1, weight: 1, standing: true },
    })
  t.equal(world.state.users.size, 3000)
  t.equal(world.state.earlier.size, 0)
})
