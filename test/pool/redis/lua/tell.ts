import t from 'tap'
import { dailyRequests, startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'
import { readPush } from '../../../../lib/pool/redis/read-reply.js'

t.test('doubles come over as they are', async t => {
  if (!hasRedis(t)) return
  const { ask, enter } = await startLedger(t)
  for (const [n, perSecond] of [3, 7, 1e5 / 3, Math.PI, 0.1 + 0.2].entries()) {
    const terms = termsFor(perSecond, { lookAhead: 9e7 })
    const { grants } = await ask(`a${n}`, 1e9 * (n + 1), { terms })
    t.equal(grants[0]?.spacing, 1e6 / perSecond)
  }
  const set = [{ of: 'requests' as const, interval: 1e6 / 7, savings: 1 / 3 }]
  t.strictSame((await enter({ kind: 'set', pool: set }, 6e9)).set, set)
})

t.test('what lies ready is told to its actor, and what holds for all to everybody', async t => {
  if (!hasRedis(t)) return
  const { client, key, ask, enter } = await startLedger(t)
  const heard: [channel: string, message: string][] = []
  const subscriber = client.duplicate()
  t.teardown(() => subscriber.disconnect())
  subscriber.on('message', (channel: string, message: string) => heard.push([channel, message]))
  await subscriber.subscribe(key('all'), key('to:a'), key('to:b'))
  const terms = termsFor(10)
  await ask('a', 1_000_000, { terms })
  await ask('b', 1_060_000, { terms, user: 'v' })
  await enter({ kind: 'pause', us: 1e6, cut: false }, 1_070_000, { terms })
  await enter({ kind: 'hold', origin: 'https://o.test', us: 1e6 }, 1_080_000, { terms })
  await subscriber.ping()
  t.strictSame(
    heard.map(([channel]) => channel),
    [key('all'), key('to:a'), key('all'), key('all')],
    'a fence, a grant, a pause and a hold',
  )
  const [, push] = heard.map(([, message]) => readPush(message, 'a'))
  const { grants } = await ask('a', 1_090_000, { terms })
  t.strictSame(push?.grants, grants, 'letter by letter what the actor gets when it asks')
  t.match(readPush(heard[3]?.[1] ?? '', 'a'), {
    pausedUntil: 1_070_000,
    holds: [['https://o.test', 1_080_000]],
  })
})

t.test('an operator sees who is there, who waits, and what is used; nothing is changed', async t => {
  if (!hasRedis(t)) return
  const { client, ask, enter, status } = await startLedger(t)
  const terms = termsFor(100, { quotas: [dailyRequests(1000)] })
  t.match(await status(1_000_000), { now: 0, users: [], clocks: [], used: [] })
  t.strictSame(await client.keys('*'), [])
  for (const actor of ['a', 'b']) await ask(actor, 1_000_000, { terms, weight: 2 })
  await ask('c', 1_000_000, { terms, user: 'v' })
  await enter({ kind: 'pause', user: 'v', us: 5e6, cut: true }, 1_000_000, { terms })
  for (let now = 2_000_000; now < 3_000_000; now += 20_000)
    for (const actor of ['a', 'b']) await ask(actor, now, { terms, weight: 2, count: 4 })
  const seen = await status(3_100_000)
  t.match(seen, {
    clocks: [{ of: 'requests', interval: 10_000, savings: 0 }],
    used: [{ of: 'requests', period: '2026-11-29', amount: Number }],
  })
  t.ok(
    Math.abs(seen.granted.requests - 70) <= 10,
    `${seen.granted.requests}: 100/s, less what a push-back takes`,
  )
  const byName = [...seen.users].sort((x, y) => (x.user < y.user ? -1 : 1))
  t.match(byName, [
    { user: 'u', weight: 2, actors: 2 },
    { user: 'v', weight: 1, actors: 1, waiting: 1, pausedUntil: 5_000_000 },
  ])
})
