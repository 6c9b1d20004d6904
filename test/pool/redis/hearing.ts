import t from 'tap'
import { hasRedis, startRedis } from '../../../fixtures/redis.js'
import { until } from '../../../fixtures/until.js'
import type { Push } from '../../../lib/pool/keeper.js'
import { openHearing } from '../../../lib/pool/redis/hearing.js'
import { parseRedisUrl } from '../../../lib/pool/redis/redis-url.js'

const push = (now: number): string =>
  JSON.stringify({ now, epoch: 1, pausedUntil: 0, factor: 1, holds: [], grants: [] })

const [all, mine, other] = ['all', 'to:me%20too', 'to:other'].map(name => `sluice:{p}:${name}`) as [
  string,
  string,
  string,
]

t.test('an actor hears what is told to it and to all, as long as it listens, and over a restart', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t)
  const hearing = await openHearing(parseRedisUrl(server.url), 'p', { timeoutMs: 500 })
  t.teardown(() => hearing.close())
  const heard: number[] = []
  const stop = hearing.listen('me too', ({ now }) => heard.push(now))
  const publish = (channel: string, now: number) => server.client.publish(channel, push(now))
  /** Once it is subscribed, which nothing here tells of. */
  const hears = async (now: number) => {
    while (!heard.includes(now)) await publish(mine, now)
    await until(() => heard.includes(now))
  }
  await hears(1)
  await publish(other, 2)
  await publish(all, 3)
  await until(() => heard.includes(3))
  t.notOk(heard.includes(2))
  await server.kill()
  await server.restart()
  await hears(4)
  stop()
  const second: number[] = []
  hearing.listen('other', ({ now }) => second.push(now))
  while (!second.includes(5)) await publish(other, 5)
  await publish(mine, 6)
  await publish(all, 7)
  await until(() => second.includes(7))
  t.notOk(heard.includes(6) || heard.includes(7))
})

t.test('R14 poison is not heard', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t)
  const hearing = await openHearing(parseRedisUrl(server.url), 'p', { timeoutMs: 500 })
  t.teardown(() => hearing.close())
  const heard: Push[] = []
  hearing.listen('other', told => heard.push(told))
  while (heard.length === 0) await server.client.publish(all, push(1))
  const poisons = [
    '',
    'null',
    '{',
    '\xff\x00',
    '[1]',
    push(2).replace('1', '"x"'),
    `${' '.repeat(70_000)}${push(3)}`,
  ]
  for (const poison of poisons) await server.client.publish(all, poison)
  await server.client.publish(all, 'x'.repeat(5_000_000))
  await server.client.publish(all, push(4))
  await until(() => heard.some(({ now }) => now === 4))
  t.strictSame(new Set(heard.map(({ now }) => now)), new Set([1, 4]))
})
