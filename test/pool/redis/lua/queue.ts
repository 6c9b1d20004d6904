import t from 'tap'
import { startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'

t.test('users take turns by what they were served, whatever they are called', async t => {
  if (!hasRedis(t)) return
  const { ask, enter } = await startLedger(t)
  // Names as they come from encodeName, one the beginning of another.
  const users = ['a', 'aa', 'a%20b', 'a.', 'A', '-', '_', 'user']
  const terms = termsFor(100, { lookAhead: 20_000 })
  for (const user of users) for (const n of [1, 2]) await ask(`${user}${n}`, 1_000_000, { user, terms })
  const shares: Record<string, number> = {}
  for (let now = 1_005_000; now < 3_000_000; now += 5000) {
    await enter({ kind: 'tick' }, now, { terms })
    for (const user of users)
      for (const n of [1, 2]) {
        const { grants } = await ask(`${user}${n}`, now, { user, terms })
        shares[user] = (shares[user] ?? 0) + grants.length
      }
  }
  for (const user of users) t.ok(Math.abs((shares[user] ?? 0) - 25) <= 2, `${user}: ${shares[user]}`)
})

t.test('a member of the queue that nobody put there resets it', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask } = await startLedger(t)
  await ask('a', 1_000_000)
  await client.multi().zadd(key('queue'), '-1', 'stranger').zrem(key('queue'), 'u').exec()
  await ask('a', 1_100_000)
  t.ok((await ask('a', 1_200_000)).grants.length > 0)
  t.equal(await client.zscore(key('queue'), 'stranger'), null)
})
