import t from 'tap'
import { startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'

t.test('thousands of users take little room, and those who do not come any more are forgotten', async t => {
  if (!hasRedis(t)) return
  const { client, key, raw } = await startLedger(t)
  const terms = termsFor(200, { user: [{ of: 'requests', interval: 1e5, savings: 0 }] })
  const come = async (from: number, to: number, now: number): Promise<void> => {
    const order = { cost: { requests: 1, units: 0, bytes: 0 }, count: 1, weight: 1, standing: true }
    const calls: Promise<unknown>[] = []
    for (let n = from; n < to; n++) {
      const actor = `actor-${n}`
      const at = now + (n - from) * 10_000
      calls.push(raw(JSON.stringify({ kind: 'request', actor, user: `user-${n}`, order, terms }), at))
      calls.push(raw(JSON.stringify({ kind: 'leave', actor, terms }), at))
    }
    await Promise.all(calls)
  }
  await come(0, 3000, 1_000_000)
  const known = async () => (await client.hlen(key('users'))) + (await client.hlen(key('earlier')))
  t.ok((await known()) >= 3000, 'all that may have something coming are known')
  let bytes = 0
  for (const name of await client.keys('*')) bytes += Number(await client.memory('USAGE', name, 'SAMPLES', 0))
  t.ok(bytes / 3000 < 300, `${bytes / 3000} bytes for each`)
  await come(3000, 4100, 2e9)
  await come(4100, 5200, 4e9)
  await come(5200, 6300, 6e9)
  t.ok((await known()) < 3000, String(await known()))
})

t.test('a user whose record makes no sense resets the ledger, and is served', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask } = await startLedger(t)
  for (const evil of ['x', '', '\x90', '\xc0', '\x93\x01\x02\x03']) {
    await client.flushall()
    await ask('a', 1_000_000)
    await client.hset(key('users'), 'u', evil)
    await ask('a', 1_100_000)
    t.ok((await ask('a', 1_200_000)).grants.length > 0, JSON.stringify(evil))
  }
})
