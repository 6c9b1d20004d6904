import t from 'tap'
import { ledgerWorld, oneRequest, termsFor } from '../../fixtures/ledger-world.js'
import { nearness } from '../../lib/ledger/grants.js'
import { latestUs, poll } from '../../lib/ledger/poll.js'

const order = { cost: oneRequest, count: 1, weight: 1, standing: true }

t.test('an actor asks again half a look-ahead before its turn comes', async t => {
  const world = ledgerWorld(termsFor(10), [])
  const ask = (actor: string) => world.enter({ kind: 'request', actor, user: 'u', order })
  t.equal(ask('first').pollAt, 100_000 - 25_000 + 0)
  t.equal(
    ask('second').pollAt,
    100_000 + 0 - 25_000 + 100_000 - 100_000 + 100_000,
    'and the next a slot later',
  )
})

t.test('where users have weights, turns come by them', async t => {
  const world = ledgerWorld(termsFor(10), [])
  world.enter({ kind: 'request', actor: 'x', user: 'heavy', order: { ...order, weight: 3 } })
  world.enter({ kind: 'request', actor: 'y', user: 'light', order })
  const third = world.enter({ kind: 'request', actor: 'z', user: 'light', order })
  t.equal(third.pollAt, 100_000 + 4 * 100_000 - 25_000)
})

t.test('nobody asks more often than makes sense, nor waits for ever', async t => {
  const terms = termsFor(1000)
  const world = ledgerWorld(terms, [])
  t.equal(poll(world.state, terms, 'nobody', order), 500)
  world.enter({ kind: 'pause', us: 60_000_000, cut: false })
  t.equal(
    world.enter({ kind: 'request', actor: 'a', user: 'u', order }).pollAt,
    latestUs,
    'not even in a pause',
  )
  world.enter({ kind: 'resume' })
  world.enter({ kind: 'pause', user: 'u', us: 1_000_000, cut: false })
  t.equal(
    world.enter({ kind: 'request', actor: 'a', user: 'u', order }).pollAt,
    999_000 - nearness(terms),
    'who is parked comes back when it may be served',
  )
})

t.test('where one user lags behind, the others do not wait as if all did', async t => {
  const world = ledgerWorld(termsFor(1000), [])
  for (let n = 0; n < 50; n++)
    world.enter({ kind: 'request', actor: `a${n}`, user: `u${n}`, order: { ...order, count: 5 } })
  const { state } = world
  for (const user of state.users.values()) user.tag = 1_000_000
  const [late, one] = [...state.users.values()]
  if (late) late.tag = 0
  if (one) one.tag = 1_000_001
  const { pollAt = 0 } = world.enter({
    kind: 'request',
    actor: 'a1',
    user: 'u1',
    order: { ...order, count: 5 },
  })
  t.ok(pollAt - state.now <= 50 * 5000 + 10_000, `${pollAt - state.now} us`)
})
