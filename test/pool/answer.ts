import t from 'tap'
import { standing, termsOf } from '../../fixtures/pool/terms.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'
import type { Operation } from '../../lib/ledger/operation.js'
import { step } from '../../lib/ledger/step.js'
import { answerOf, grantsOfOthers, snapshotOf, statusOf } from '../../lib/pool/answer.js'
import type { Happening } from '../../lib/pool/keeper.js'

const terms = { ...termsOf(100), fence: 0 }
const request = (actor: string, user = 'alice') =>
  ({ kind: 'request', actor, user, order: standing, terms }) as const

const opened = () => {
  const state = openLedger()
  const act = (now: number, happening: Happening) =>
    step(state, now, { ...happening, incarnation: 'one', stamp: 1 } as Operation)
  return { state, act }
}

t.test('who asks is told what it was granted, and the others what they were', async t => {
  const { act } = opened()
  act(0, request('one'))
  act(0, request('two'))
  act(100, request('two'))
  const done = act(30_000, request('one'))
  const answer = answerOf(done, request('one'), 1234)
  t.match(answer, { now: 30_000, epoch: 1, wallTime: 1234, pausedUntil: 0, factor: 1, holds: [], actors: 2 })
  t.ok(answer.grants.length > 0)
  t.ok(answer.grants.every(({ actor }) => actor === 'one'))
  const others = grantsOfOthers(done, 'one')
  t.strictSame([...others.keys()], ['two'])
  t.ok(others.get('two')?.every(({ actor }) => actor === 'two'))
  t.equal(answer.grants.length + (others.get('two')?.length ?? 0), done.grants.length)
})

t.test('who asks for one grant alone counts as well, an operator does not', async t => {
  const { act } = opened()
  act(0, request('one'))
  const alone = { ...request('two'), order: { ...standing, standing: false } }
  t.equal(answerOf(act(0, alone), alone, 0).actors, 2)
  const tick = { kind: 'tick', terms } as const
  t.equal(answerOf(act(0, tick), tick, 0).actors, 1)
})

t.test('a snapshot stays as it was', async t => {
  const { state, act } = opened()
  act(0, { kind: 'hold', origin: 'https://example.com', us: 1000, terms })
  const snapshot = snapshotOf(state)
  act(0, { kind: 'hold', origin: 'https://example.org', us: 1000, terms })
  t.strictSame(snapshot.holds, [['https://example.com', 1000]])
})

t.test('a status tells users, what was granted in the last whole second, and what is used', async t => {
  const { state, act } = opened()
  const quotas = [{ of: 'requests', limit: 1000, period: '2026-11-30', endsAt: 1e12 }] as const
  const each = { ...terms, quotas }
  for (let now = 0; now < 2_000_000; now += 10_000)
    for (const [actor, user] of [
      ['one', 'alice'],
      ['two', 'alice'],
      ['three', 'bob'],
    ] as const)
      act(now, { ...request(actor, user), terms: each })
  act(2_000_000, { kind: 'pause', user: 'carol', us: 1e6, cut: false, terms: each })
  const status = statusOf(state, 2_100_000, each)
  t.equal(status.now, 2_100_000)
  t.strictSame(status.clocks, terms.pool)
  t.match(
    status.users.toSorted((a, b) => (a.user < b.user ? -1 : 1)),
    [
      { user: 'alice', weight: 1, actors: 2 },
      { user: 'bob', weight: 1, actors: 1 },
      { user: 'carol', actors: 0, waiting: 0, pausedUntil: 3_000_000 },
    ],
  )
  t.ok(status.granted.requests >= 96 && status.granted.requests <= 98, `${status.granted.requests}`)
  t.match(status.used, [{ of: 'requests', period: '2026-11-30' }])
  t.equal(statusOf(state, 3_900_000, each).granted.requests < 10, true, 'the second that has just begun then')
  t.strictSame(statusOf(state, 9_000_000, each).granted, { requests: 0, units: 0, bytes: 0 })
})

t.test(
  'the clocks of a status are those that actors name, but what an operator has set, or none where nobody has named any',
  async t => {
    const { state, act } = opened()
    t.strictSame(statusOf(state, 0, undefined).clocks, [])
    const pool = [{ of: 'requests', interval: 1, savings: 0 }] as const
    t.strictSame(statusOf(state, 0, terms).clocks, terms.pool)
    act(0, { kind: 'set', pool, terms })
    t.strictSame(statusOf(state, 0, terms).clocks, pool)
    t.strictSame(statusOf(state, 0, undefined).clocks, pool)
  },
)
