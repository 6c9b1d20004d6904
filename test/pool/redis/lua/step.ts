import t from 'tap'
import { startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'

t.test('another incarnation fences, and so does a state that is gone', async t => {
  if (!hasRedis(t)) return
  const { client, enter, ask } = await startLedger(t)
  const terms = termsFor(200, { fence: 130_000 })
  const first = await ask('a', 1_700_000_000_000_000, { terms })
  t.equal(first.epoch, 1_700_000_000_000)
  t.strictSame(first.grants, [], 'a ledger that is new may have been lost')
  const later = await ask('a', 1_700_000_000_200_000, { terms })
  t.ok(later.grants.length > 0)
  const second = await enter({ kind: 'tick' }, 1_700_000_000_300_000, { terms, incarnation: 'b' })
  t.equal(second.epoch, 1_700_000_000_300)
  await client.flushall()
  t.equal((await ask('a', 1_700_000_000_400_000, { terms })).epoch, 1_700_000_000_400)
})

t.test('actors that disagree are told so', async t => {
  if (!hasRedis(t)) return
  const { enter, status } = await startLedger(t)
  const say = (agreement: string, now: number) => enter({ kind: 'tick', agreement }, now)
  t.equal((await say('10/s "ü"', 1_000_000)).disagreement, undefined)
  t.equal((await say('20/s', 2_000_000)).disagreement, '10/s "ü"')
  t.equal((await status(2_000_000)).agreement, '10/s "ü"')
  t.equal((await say('20/s', 12_000_000)).disagreement, undefined)
})

t.test('a server that refuses to write has forgotten nothing by that', async t => {
  if (!hasRedis(t)) return
  const { client, ask, status } = await startLedger(t)
  const terms = termsFor(10)
  const { epoch } = await ask('a', 1_000_000, { terms })
  await client.config('SET', 'maxmemory', '1')
  await t.rejects(ask('b', 1_100_000, { terms }), /OOM/)
  await client.config('SET', 'maxmemory', '0')
  await client.call('REPLICAOF', '127.0.0.1', '1')
  await t.rejects(ask('b', 1_200_000, { terms }), /READONLY/)
  await client.call('REPLICAOF', 'NO', 'ONE')
  const after = await ask('b', 1_300_000, { terms })
  t.equal(after.epoch, epoch)
  t.equal((await status(1_300_000)).users[0]?.actors, 2)
})

t.test('every operation does what it does in memory', async t => {
  if (!hasRedis(t)) return
  const { enter, ask, status } = await startLedger(t)
  const terms = termsFor(10, {
    quotas: [{ of: 'requests', limit: 6, period: '1', endsAt: 0 }],
    lookAhead: 300_000,
  })
  const { grants } = await ask('a', 1_000_000, { terms })
  t.equal(grants.length, 3)
  const one = { requests: 1, units: 0, bytes: 0 }
  await enter({ kind: 'refund', unused: one }, 1_000_000, { terms })
  t.match((await status(1_000_000)).used, [{ amount: 2 }])
  await enter({ kind: 'settle', user: 'u', weight: 1, more: { ...one, requests: 3 } }, 1_000_000, { terms })
  t.match((await status(1_000_000)).used, [{ amount: 5 }])
  t.equal((await ask('a', 1_000_000, { terms })).pollAt, 700_000 - 150_000, 'three slots later')
  await enter({ kind: 'leave', actor: 'a' }, 1_000_000, { terms })
  t.match(await status(1_000_000), { users: [] })
  await enter({ kind: 'pause', us: 1000, cut: true }, 2_000_000, { terms })
  t.match(await enter({ kind: 'resume' }, 2_000_000, { terms }), { pausedUntil: 0, factor: 0.7 })
})
