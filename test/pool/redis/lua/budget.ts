import t from 'tap'
import { dailyRequests, startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'

const termsOf = (limit: number, period?: string) => termsFor(1000, { quotas: [dailyRequests(limit, period)] })

t.test('a quota is used exactly, and comes anew with its period', async t => {
  if (!hasRedis(t)) return
  const { ask } = await startLedger(t)
  let granted = 0
  for (let now = 1_000_000; now < 2_000_000; now += 20_000)
    for (const actor of ['a', 'b', 'c'])
      for (const { count } of (await ask(actor, now, { user: actor, terms: termsOf(100), count: 7 })).grants)
        granted += count
  t.equal(granted, 100)
  const { spent } = await ask('a', 2_000_000, { terms: termsOf(100) })
  t.match(spent, { period: '2026-11-29', limit: 100 })
  const next = await ask('a', 2_100_000, { terms: termsOf(100, '2026-11-30') })
  t.equal(next.spent, undefined)
})

t.test('of two periods the later one has the greater letters', async t => {
  if (!hasRedis(t)) return
  const { ask } = await startLedger(t)
  await ask('a', 1_000_000, { terms: termsOf(1, '2026-11') })
  t.ok((await ask('a', 1_100_000, { terms: termsOf(1, '2026-11') })).spent)
  t.notOk((await ask('a', 1_200_000, { terms: termsOf(1, '2026-11-01') })).spent, 'what is longer is later')
  t.notOk((await ask('a', 1_300_000, { terms: termsOf(2, '2026-1') })).spent)
})

t.test('what is used of a quota and cannot be read counts as nothing', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask } = await startLedger(t)
  for (const evil of ['x', '', '\x92\x01\x02', '\x92\xa1x\xff']) {
    await client.flushall()
    await ask('a', 1_000_000, { terms: termsOf(1) })
    await client.hset(key('used'), 'requests', evil)
    t.equal(
      (await ask('b', 1_100_000, { user: 'v', terms: termsOf(1) })).grants.length,
      1,
      JSON.stringify(evil),
    )
  }
})
