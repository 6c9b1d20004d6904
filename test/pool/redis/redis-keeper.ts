import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freePort } from '../../../bench/core/free-port.js'
import { makeCertificate } from '../../../fixtures/certificate.js'
import { bulk, goodInfo, startFalseRedis } from '../../../fixtures/false-redis.js'
import { mostIn, oneRequest, termsFor } from '../../../fixtures/ledger-world.js'
import { hasRedis, startRedis } from '../../../fixtures/redis.js'
import { until } from '../../../fixtures/until.js'
import type { Answer, Keeper, Push } from '../../../lib/pool/keeper.js'
import { openRedisKeeper, type RedisKeeperOptions } from '../../../lib/pool/redis/redis-keeper.js'

const open = async (t: Test, url: string, name = 'p', options: RedisKeeperOptions = {}): Promise<Keeper> => {
  const keeper = await openRedisKeeper(url, name, { timeoutMs: 500, openWithinMs: 5000, ...options })
  t.teardown(() => keeper.close())
  return keeper
}

const terms = termsFor(200, { fence: 130_000 })
const order = { cost: oneRequest, count: 5, weight: 1, standing: true }

const ask = (keeper: Keeper, actor: string, user = 'u'): Promise<Answer> =>
  keeper.call({ kind: 'request', actor, user, order, terms })

t.test('two processes share a ledger, and hear of each other', async t => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t)
  const [one, two] = [await open(t, url), await open(t, url)] as const
  const heard: Push[] = []
  const stop = one.listen('a *\u0001{ü}', push => heard.push(push))
  while (heard.length < 2) await two.call({ kind: 'set', terms })
  const first = await ask(one, 'a *\u0001{ü}', 'Müller & Söhne')
  t.strictSame([first.grants, first.actors], [[], 1], 'nothing while it is fenced')
  t.ok(Math.abs(first.wallTime - Date.now()) < 5000)
  // While the grant of the first one is near, and it is not late to ask yet.
  await wait(95)
  t.equal((await ask(two, 'b', 'v')).actors, 2)
  await until(() => heard.some(({ grants }) => grants.length > 0))
  t.match(heard.at(-1)?.grants, [{ actor: 'a *\u0001{ü}', count: 5, cost: oneRequest }])
  stop()
  const { users } = await two.status()
  t.strictSame(users.map(({ user }) => user).sort(), ['Müller & Söhne', 'v'])
  const other = await open(t, url, 'another pool')
  t.strictSame((await other.status()).users, [], 'another pool is another ledger')
})

t.test('a script that the server does not know any more is sent again', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t)
  const keeper = await open(t, server.url)
  for (let n = 0; n < 3; n++) {
    await ask(keeper, 'a')
    await server.client.script('FLUSH')
  }
  t.match(await ask(keeper, 'a'), { actors: 1 })
})

/** Slots in milliseconds since 1970, whatever became of the ledger meanwhile. */
const wallSlots = ({ grants, wallTime, now }: Answer): { at: number; cost: typeof oneRequest }[] =>
  grants.flatMap(({ slot, count, spacing, cost }) =>
    Array.from({ length: count }, (_, n) => ({ at: wallTime * 1000 + slot - now + n * spacing, cost })),
  )

t.test('nothing is granted twice over FLUSHALL, a crash and a restart, and then it goes on', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t)
  const keepers = await Promise.all([0, 1, 2].map(() => open(t, server.url)))
  const slots: { at: number; cost: typeof oneRequest }[] = []
  let isOn = true
  const actors = keepers.flatMap((keeper, k) =>
    [0, 1].map(async n => {
      while (isOn) {
        const answer = await ask(keeper, `a${k}${n}`, `u${k}`).catch((error: { code?: string }) => {
          if (error.code !== 'ERR_POOL') throw error
        })
        if (answer) slots.push(...wallSlots(answer))
        await wait(answer?.pollAt ? Math.min(200, (answer.pollAt - answer.now) / 1000) : 50)
      }
    }),
  )
  await wait(400)
  await server.client.flushall()
  await wait(400)
  await server.kill()
  const before = slots.length
  await wait(100)
  await server.restart()
  await until(() => slots.length > before + 50)
  isOn = false
  await Promise.all(actors)
  slots.sort((a, b) => a.at - b.at)
  // Wall time comes in whole milliseconds: every slot is known to one.
  const most = mostIn(slots, 'requests', 499_000)
  t.ok(most <= 101, `${most} in half a second`)
  t.ok(before > 40, `${before} before the crash`)
})

t.test('a server that stands still is lost within the timeout, and found again', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t)
  const keeper = await open(t, server.url, 'p', { timeoutMs: 300 })
  await ask(keeper, 'a')
  server.freeze()
  const from = performance.now()
  await t.rejects(ask(keeper, 'a'), { code: 'ERR_POOL', message: /Command timed out/ })
  t.ok(performance.now() - from < 1000)
  await t.rejects(ask(keeper, 'a'), { code: 'ERR_POOL' })
  server.thaw()
  for (let isBack = false; !isBack; )
    isBack = await ask(keeper, 'a').then(
      () => true,
      () => false,
    )
  t.pass('it is back')
})

t.test('an answer that is none is ERR_POOL', async t => {
  for (const reply of [bulk('PONG'), ':5\r\n', '*0\r\n', '$-1\r\n', bulk('{"now":1}'), '-ERR evil\r\n']) {
    const { url } = await startFalseRedis(t, (socket, given) => {
      socket.write(given.includes('info') ? goodInfo() : reply)
    })
    const keeper = await open(t, url)
    await t.rejects(ask(keeper, 'a'), { code: 'ERR_POOL' }, reply)
    await t.rejects(keeper.status(), { code: 'ERR_POOL' }, reply)
  }
})

t.test('where nobody is, it is said in time and without the password', async t => {
  const message = /^the pool's Redis at redis:\/\/127\.0\.0\.1:1 failed: .*ECONNREFUSED/
  const opening = openRedisKeeper('redis://me:secret@127.0.0.1:1', 'p', { openWithinMs: 300 })
  await t.rejects(opening, { code: 'ERR_POOL', message })
  await t.rejects(openRedisKeeper('http://x', 'p'), { code: 'ERR_OPTION' })
})

t.test('rediss:// speaks TLS with a server that is trusted, and not with another', async t => {
  if (!hasRedis(t)) return
  const folder = t.testdir()
  const { file } = makeCertificate(folder)
  const server = await startRedis(t, [
    'tls-port 0',
    `tls-cert-file ${file}`,
    `tls-key-file ${folder}/key.pem`,
    `tls-ca-cert-file ${file}`,
    'tls-auth-clients no',
  ])
  const tlsPort = await freePort()
  await server.client.config('SET', 'tls-port', String(tlsPort))
  const url = `rediss://127.0.0.1:${tlsPort}`
  await t.rejects(openRedisKeeper(url, 'p', { openWithinMs: 5000 }), {
    code: 'ERR_POOL',
    message: /self-signed certificate/,
  })
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import=./fixtures/typescript.mjs', 'fixtures/ask-redis.ts', url],
    {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file },
      encoding: 'utf8',
    },
  )
  t.equal(stdout, 'actors: 1\n', stderr)
})

t.test('a keeper that is closed answers nothing more', async t => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t)
  const keeper = await openRedisKeeper(url, 'p')
  await keeper.close()
  await t.rejects(ask(keeper, 'a'), { code: 'ERR_POOL' })
})
