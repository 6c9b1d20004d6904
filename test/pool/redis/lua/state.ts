import t from 'tap'
import { dailyRequests, startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'

const names = ['state', 'users', 'earlier', 'queue', 'parked', 'orders', 'actors', 'seen', 'holds', 'used']
const limited = termsFor(200, {
  fence: 130_000,
  user: [{ of: 'requests', interval: 1e5, savings: 0 }],
  quotas: [dailyRequests(1000)],
})

/** Someone with no idea, or bad intentions, and a client. */
const evils: Record<string, readonly string[]> = {
  text: ['SET', 'KEY', 'evil'],
  nothing: ['SET', 'KEY', ''],
  huge: ['SET', 'KEY', 'x'.repeat(1_000_000)],
  list: ['RPUSH', 'KEY', 'evil'],
  hash: ['HSET', 'KEY', 'u', 'evil', 'v', '', 'requests', '\x92\xa1x\xcb\x7f\xf8'],
  scores: ['ZADD', 'KEY', '1e308', 'evil', '-inf', 'evil2', '+inf', 'u'],
  set: ['SADD', 'KEY', 'evil'],
}

t.test('R11 whatever is stored in a key, the ledger goes on: from where it was, or fenced', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask, enter, status } = await startLedger(t)
  let now = 1_000_000
  for (const name of names)
    for (const [evil, command] of Object.entries(evils))
      for (const isReplaced of [true, false]) {
        await client.flushall()
        for (const actor of ['a', 'b', 'c']) await ask(actor, now, { user: actor, terms: limited })
        await enter({ kind: 'hold', origin: 'https://held.test', us: 9e6 }, now, { terms: limited })
        if (isReplaced) await client.del(key(name))
        const [word = '', , ...rest] = command
        // Where there is a value of another type already, nothing happens.
        await client.call(word, key(name), ...rest).catch(() => {})
        const label = `${evil} ${isReplaced ? 'in the place of' : 'in'} ${name}`
        for (const at of [0, 200_000, 400_000]) {
          await ask('a', now + at, { terms: limited }).catch(error => t.fail(`${label}: ${error.message}`))
        }
        const { grants, pausedUntil } = await ask('d', now + 450_000, { user: 'd', terms: limited })
        t.ok(grants.length > 0 && pausedUntil === 0, label)
        await status(now + 450_000)
        now += 1_000_000
      }
})

t.test('numbers that cannot be are not believed', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask } = await startLedger(t)
  const terms = termsFor(200, { fence: 1000 })
  const pack = 'return redis.call("SET", KEYS[1], cmsgpack.pack(CHANGED))'
  const spoil = (change: string) =>
    `local S = cmsgpack.unpack(redis.call("GET", KEYS[1])); ${change}; ${pack.replace('CHANGED', 'S')}`
  for (const change of [
    'S.now = 1e300',
    'S.now = 0/0',
    'S.now = -5',
    'S.born = 1e17',
    'S.pausedUntil = 1e308',
    'S.fencedUntil = 1e17',
    'S.virtualTime = -1e308',
    'S.factor = 0',
    'S.factor = "x"',
    'S.clocks = 5',
    'S.clocks[1].accrued = 1e17',
    'S.clocks[1].interval = "x"',
    'S.clocks[1].of = 7',
    'S.cutAt = {}',
    'S.current = {}',
    'S.agreed = 5',
    'S.set = 5',
    'S.known = 77',
    'S.incarnation = nil',
  ]) {
    await client.flushall()
    await ask('a', 1_000_000, { terms })
    await client.eval(spoil(change), 1, key('state'))
    await ask('a', 1_100_000, { terms })
    const { grants } = await ask('b', 1_200_000, { terms, user: 'v' })
    t.ok(grants.length > 0, change)
  }
})

t.test('a key that was evicted fences the ledger, and what is used of quotas is still known', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask } = await startLedger(t)
  for (const name of ['state', 'users', 'queue', 'orders']) {
    await client.flushall()
    const terms = { ...limited, user: [] }
    await ask('a', 1_000_000, { terms })
    let { epoch, grants } = await ask('a', 1_150_000, { terms, count: 50 })
    t.strictSame(
      grants.map(({ count }) => count),
      [50],
    )
    await ask('b', 1_150_000, { terms })
    t.equal(await client.del(key(name)), 1)
    const after = await ask('b', 1_200_000, { user: 'v', terms })
    t.ok(after.epoch > epoch && after.grants.length === 0, name)
    const spent = { ...terms, quotas: [dailyRequests(51)] }
    ;({ grants } = await ask('b', 1_400_000, { user: 'v', terms: spent }))
    t.equal(grants.length, 1, 'one of 51 was left')
  }
})

t.test('keys last for a day, and what is used of quotas for forty', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask, enter } = await startLedger(t)
  for (const actor of ['a', 'b', 'c']) await ask(actor, 1_000_000, { user: actor, terms: limited })
  await ask('a', 1_200_000, { user: 'a', terms: limited })
  await enter({ kind: 'hold', origin: 'https://held.test', us: 9e6 }, 1_200_000, { terms: limited })
  const there = (await client.keys('*')).sort()
  t.ok(there.length >= 7, String(there))
  for (const name of there) {
    const days = (await client.pttl(name)) / 86_400_000
    const expected = name === key('used') ? 40 : 1
    t.ok(days > expected - 0.01 && days <= expected, `${name}: ${days}`)
    t.ok(names.includes(name.slice(key('').length)), 'and there are no others')
  }
  await client.pexpire(key('users'), 1000)
  await ask('z', 1_200_000 + 3601e6, { user: 'z', terms: limited })
  t.ok((await client.pttl(key('users'))) > 86_000_000, 'also what nobody has written to')
})

t.test('R12 a clock that is set back stands still, and goes on from there', async t => {
  if (!hasRedis(t)) return
  const { ask } = await startLedger(t)
  const at = async (wall: number) => (await ask('a', wall)).now
  t.strictSame([await at(5_000_000), await at(6_000_000), await at(1_000_000)], [0, 1_000_000, 1_000_000])
  t.strictSame([await at(1_500_000), await at(2_000_000)], [1_500_000, 2_000_000])
})
