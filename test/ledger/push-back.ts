import t from 'tap'
import { oneRequest } from '../../fixtures/ledger-world.js'
import { openLedger } from '../../lib/ledger/open-ledger.js'
import { longestUs, pause, recover, resume } from '../../lib/ledger/push-back.js'
import { enqueue, isIdle, park } from '../../lib/ledger/queue.js'

const at = (now: number) => ({ ...openLedger(), now })

t.test('the longest of several pauses holds, for everybody or for one user', async t => {
  const state = at(1000)
  pause(state, { kind: 'pause', us: 500, cut: false } as never)
  pause(state, { kind: 'pause', us: 200, cut: false } as never)
  pause(state, { kind: 'pause', user: 'u', us: 900, cut: false } as never)
  t.equal(state.pausedUntil, 1500)
  t.equal(state.users.get('u')?.pausedUntil, 1900)
  resume(state, { kind: 'resume' } as never)
  t.equal(state.pausedUntil, 0)
})

t.test('a user whose pause is taken back is served again', async t => {
  const state = at(1000)
  enqueue(
    state,
    { actor: 'a', user: 'u', order: { cost: oneRequest, count: 1, weight: 1, standing: true } },
    [],
  )
  const user = state.users.get('u')
  if (!user) return t.fail('no user')
  pause(state, { kind: 'pause', user: 'u', us: 900, cut: false } as never)
  park(state, user, 1900)
  t.ok(isIdle(state))
  resume(state, { kind: 'resume', user: 'u' } as never)
  t.strictSame([user.pausedUntil, user.parked, isIdle(state)], [0, undefined, false])
})

t.test('a push-back takes three tenths of the rate, once a second, from the first second on', async t => {
  const state = at(0)
  const pushBack = (now: number): number => {
    state.now = now
    recover(state)
    pause(state, { kind: 'pause', us: 1, cut: true } as never)
    return Number(state.factor.toFixed(6))
  }
  t.equal(pushBack(10), 0.7)
  t.equal(pushBack(900_000), 0.7, 'not twice in a second')
  t.equal(pushBack(1_100_000), 0.49, 'nothing comes back while it goes on')
  t.equal(pushBack(3_100_000), Number((0.7 * (0.49 + 0.05 * 1.999999)).toFixed(6)), 'also while it recovers')
  for (let now = 5e6; now < 40e6; now += 1_000_001) pushBack(now)
  t.ok(state.factor >= 0.1 && state.factor < 0.25, 'a tenth is left at least')
})

t.test('what was cut comes back little by little, and no more than that', async t => {
  const state = at(0)
  pause(state, { kind: 'pause', us: 1, cut: true } as never)
  state.now = 1_000_000
  recover(state)
  t.equal(state.factor, 0.7, 'nothing in the first second')
  state.now = 3_000_000
  recover(state)
  t.equal(Number(state.factor.toFixed(6)), 0.85)
  state.now = 60_000_000
  recover(state)
  t.equal(state.factor, 1)
})

t.test('a rate that was cut comes back from the end of the pause on, not meanwhile', async t => {
  const state = at(2_000_000)
  pause(state, { kind: 'pause', us: 30_000_000, cut: true } as never)
  state.now += 30_000_000
  recover(state)
  t.equal(state.factor, 0.7)
  state.now += 2_000_000
  recover(state)
  t.ok(Math.abs(state.factor - 0.8) < 1e-9, `${state.factor}`)
})

t.test('whoever ends a pause lets the rate come back as well', async t => {
  const state = at(2_000_000)
  pause(state, { kind: 'pause', us: 30_000_000, cut: true } as never)
  state.now += 1_000_000
  resume(state, { kind: 'resume' } as never)
  state.now += 2_000_000
  recover(state)
  t.ok(Math.abs(state.factor - 0.8) < 1e-9, `${state.factor}`)
})

t.test('a pause is over some day, whatever was said', async t => {
  const state = at(0)
  pause(state, { kind: 'pause', us: 1e17, cut: false } as never)
  t.equal(state.pausedUntil, longestUs)
})

t.test('nor while a pause grows that was cut for already', async t => {
  const state = at(2_000_000)
  pause(state, { kind: 'pause', us: 400_000, cut: true } as never)
  state.now += 600_000
  pause(state, { kind: 'pause', us: 60_000_000, cut: true } as never)
  state.now += 60_000_000
  recover(state)
  t.equal(state.factor, 0.7)
})
