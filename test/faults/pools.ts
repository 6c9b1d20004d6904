import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort } from '../../bench/core/free-port.js'
import { ended, linesOf, run, start } from '../../fixtures/command.js'
import { startFalseRedis } from '../../fixtures/false-redis.js'
import { startProxy } from '../../fixtures/faults/proxy.js'
import { openWallClock } from '../../fixtures/faults/wall-clock.js'
import { mostWithin } from '../../fixtures/most-within.js'
import { type Origin, startOrigin } from '../../fixtures/origin.js'
import { hasRedis, startRedis } from '../../fixtures/redis.js'
import { unproved } from '../../fixtures/unproved.js'
import { until } from '../../fixtures/until.js'
import type { Outcome } from '../../lib/outcome.js'

/*
 * Rows R1 to R16, as a run has them: what becomes of it, and of the limit at the server that it is for. What is not here is proved
 * where the connection is: test/pool/redis.
 */

/** Requests a second of all processes. */
const limit = 100

/** Requests take their time to arrive, and this process to notice: so many of another second may be counted with those of one. */
const jitter = 8

const secret = 'p4ssw0rd'

type Crew = {
  readonly origin: Origin
  /** The children, in the order in which they were started. */
  readonly children: readonly ReturnType<typeof start>[]
  /** How many processes' outcomes have come so far. */
  stored(): number
  /** What became of each, in the end. */
  ends(): Promise<{ code: number | null; outcomes: Outcome[]; stderr: string }[]>
}

/** Starts `count` processes in one pool, each with `assets` small assets. */
const openCrew = async (
  t: Test,
  {
    url,
    count,
    assets,
    args = () => [],
    env = () => ({}),
  }: {
    url: string
    count: number
    assets: number
    args?: (n: number) => readonly string[]
    env?: (n: number) => NodeJS.ProcessEnv
  },
): Promise<Crew> => {
  const origin = await startOrigin({ asset: () => ({ size: 100 }) })
  t.teardown(origin.close)
  const dir = t.testdir()
  let stored = 0
  const children = Array.from({ length: count }, (_, n) => {
    const input = Array.from({ length: assets }, (_, asset) => `${origin.url}/${n}/${asset}`).join('\n')
    const pool = ['--pool', url, '--pool-name', 'r', '--tpslimit', `${limit}`]
    const options = ['-o', `${dir}/${n}`, '--no-progress', ...pool, ...args(n)]
    const child = start(t, options, { input, env: env(n) })
    child.stdout.on('data', chunk => {
      stored += String(chunk).split('\n').length - 1
    })
    return child
  })
  const all = Promise.all(
    children.map(async child => {
      const { code, stdout, stderr } = await ended(child)
      return { code, outcomes: linesOf<Outcome>(stdout), stderr }
    }),
  )
  return { origin, children, stored: () => stored, ends: () => all }
}

/** No second has more than the limit at the server itself. */
const isWithinLimit = (t: Test, { origin }: Crew): void => {
  const most = inWorstSecond(origin.requests)
  t.ok(most <= limit + jitter, `${most} of ${limit} in the worst second at the server`)
}

const inWorstSecond = (requests: Origin['requests']): number =>
  mostWithin(
    requests.map(({ at }) => at),
    1000,
  )

const lost = /the pool r at \S+ is lost/g
const back = /the pool r at \S+ is back/g
const times = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

t.test('R1 a Redis that is not there ends the run with 2 before its first request', async t => {
  const origin = await startOrigin({ asset: () => ({ size: 1 }) })
  t.teardown(origin.close)
  const url = `redis://:${secret}@127.0.0.1:${await freePort()}`
  const since = performance.now()
  const { code, stdout, stderr } = await run(
    t,
    ['-o', `${t.testdir()}/out`, '--pool', url, '--tpslimit', '5'],
    {
      input: `${origin.url}/a\n`,
    },
  )
  t.strictSame([code, stdout, origin.requests.length], [2, '', 0])
  t.ok(performance.now() - since < 20_000)
  t.match(stderr, /ECONNREFUSED/)
  t.notMatch(stderr, secret, 'R15 the password is not printed')
  t.notMatch(stderr, /\n {4}at /, 'no stack trace')
})

t.test('R5 a Redis that refuses is not waited for', async t => {
  if (!hasRedis(t)) return
  const { port } = await startRedis(t, [`requirepass ${secret}`])
  const args = [
    '-o',
    `${t.testdir()}/out`,
    '--tpslimit',
    '5',
    '--pool',
    `redis://:wrong-${secret}@127.0.0.1:${port}`,
  ]
  const { code, stderr } = await run(t, args, { input: 'http://127.0.0.1:1/a\n' })
  t.equal(code, 2)
  t.equal(times(stderr, /"level":"error"/g), 1, stderr)
  t.notMatch(stderr, secret)
})

t.test('R8 what is no Redis is one line and 2', async t => {
  const { url } = await startFalseRedis(t, socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const { code, stderr } = await run(t, ['-o', `${t.testdir()}/out`, '--tpslimit', '5', '--pool', url], {
    input: 'http://127.0.0.1:1/a\n',
  })
  t.equal(code, 2, stderr)
  t.equal(times(stderr, /"level":"error"/g), 1, stderr)
})

t.test('R3 a Redis that is killed and comes back empty delays the run, and no entry is lost', async t => {
  if (!hasRedis(t)) return
  const redis = await startRedis(t)
  const crew = await openCrew(t, { url: redis.url, count: 3, assets: 120 })
  await until(() => crew.stored() > 60)
  let said = ''
  for (const child of crew.children)
    child.stderr.on('data', chunk => {
      said += chunk
    })
  await redis.kill()
  await until(() => times(said, lost) === 3)
  await redis.restart()
  for (const { code, outcomes, stderr } of await crew.ends()) {
    t.equal(code, 0, stderr)
    t.equal(outcomes.filter(({ status }) => status === 'stored').length, 120)
    t.strictSame([times(stderr, lost), times(stderr, back)], [1, 1], 'it is told once each time')
  }
  isWithinLimit(t, crew)
})

t.test('R4 a Redis that is flushed leads to no more than the limit', async t => {
  if (!hasRedis(t)) return
  const redis = await startRedis(t)
  const crew = await openCrew(t, { url: redis.url, count: 3, assets: 100 })
  for (const stored of [50, 120]) {
    await until(() => crew.stored() > stored)
    await redis.client.flushall()
    await redis.client.script('FLUSH')
  }
  for (const { code, outcomes, stderr } of await crew.ends()) {
    t.equal(code, 0, stderr)
    t.equal(outcomes.length, 100)
  }
  isWithinLimit(t, crew)
})

t.test('R4 a replica that takes over and knows less leads to no more than the limit', async t => {
  if (!hasRedis(t)) return
  const { url, client } = await startRedis(t)
  const crew = await openCrew(t, { url, count: 3, assets: 100 })
  await until(() => crew.stored() > 60)
  const keys = await client.keys('*')
  const dumps = await Promise.all(keys.map(key => client.dumpBuffer(key)))
  const storedThen = crew.stored()
  await until(() => crew.stored() > storedThen + 60)
  for (const [index, key] of keys.entries()) await client.restore(key, 0, dumps[index] ?? '', 'REPLACE')
  for (const { code, outcomes, stderr } of await crew.ends()) {
    t.equal(code, 0, stderr)
    t.equal(outcomes.length, 100)
  }
  t.ok(keys.length > 0)
  isWithinLimit(t, crew)
})

t.test('R6 a Redis that stands still for a while is waited for', async t => {
  if (!hasRedis(t)) return
  const redis = await startRedis(t)
  const crew = await openCrew(t, { url: redis.url, count: 2, assets: 120 })
  await until(() => crew.stored() > 40)
  redis.freeze()
  const [first] = crew.children
  let said = ''
  first?.stderr.on('data', chunk => {
    said += chunk
  })
  await until(() => times(said, lost) === 1)
  redis.thaw()
  for (const { code, outcomes, stderr } of await crew.ends()) {
    t.equal(code, 0, stderr)
    t.equal(outcomes.length, 120)
  }
  isWithinLimit(t, crew)
})

t.test('R6 a process that stands still holds nobody up, and makes up for nothing', async t => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t)
  const crew = await openCrew(t, { url, count: 3, assets: 120 })
  const [stopped, ...others] = crew.children
  await until(() => crew.stored() > 40)
  stopped?.kill('SIGSTOP')
  const since = crew.origin.requests.length
  await Promise.all(others.map(child => once(child, 'close')))
  const most = inWorstSecond(crew.origin.requests.slice(since))
  // What a busy machine is late for is forfeited.
  t.ok(most > 0.5 * limit, `${most} of ${limit} a second for those that go on`)
  stopped?.kill('SIGCONT')
  for (const { code, outcomes, stderr } of await crew.ends()) {
    t.equal(code, 0, stderr)
    t.equal(outcomes.filter(({ status }) => status === 'stored').length, 120)
  }
  isWithinLimit(t, crew)
})

t.test(
  'R7 a network that takes nothing to Redis for a while is one line, and another when it does',
  async t => {
    if (!hasRedis(t)) return
    const { url } = await startRedis(t)
    const proxy = await startProxy(t, url)
    const crew = await openCrew(t, { url: proxy.url.replace('http:', 'redis:'), count: 2, assets: 120 })
    await until(() => crew.stored() > 40)
    proxy.part(true)
    let said = ''
    for (const child of crew.children)
      child.stderr.on('data', chunk => {
        said += chunk
      })
    await until(() => times(said, lost) === crew.children.length)
    proxy.part(false)
    for (const { code, outcomes, stderr } of await crew.ends()) {
      t.equal(code, 0, stderr)
      t.equal(outcomes.filter(({ status }) => status === 'stored').length, 120)
      t.strictSame([times(stderr, lost), times(stderr, back)], [1, 1], 'it is told once each time')
    }
    isWithinLimit(t, crew)
  },
)

t.test('R12 processes whose clocks are hours apart share as others do', async t => {
  if (!hasRedis(t)) return
  t.testdir()
  if (!openWallClock(t)) return unproved(t, 'there is no libfaketime here')
  const env = (n: number) => {
    const clock = openWallClock(t, `clock-${n}`)
    clock?.set(['+1h', '-1h', '+0'][n] ?? '+0')
    return clock?.env ?? {}
  }
  const { url } = await startRedis(t)
  const crew = await openCrew(t, { url, count: 3, assets: 80, env })
  for (const { code, outcomes, stderr } of await crew.ends()) {
    t.equal(code, 0, stderr)
    t.equal(outcomes.filter(({ status }) => status === 'stored').length, 80)
  }
  isWithinLimit(t, crew)
})

t.test('R13 a user with many processes leaves another its half', async t => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t)
  const crew = await openCrew(t, {
    url,
    count: 4,
    assets: 150,
    args: n => ['--pool-user', n === 0 ? 'one' : 'many'],
  })
  const [one] = crew.children
  if (one) await once(one, 'close')
  const ofOne = crew.origin.requests.filter(({ path }) => path.startsWith('/0/'))
  const [from, to] = [ofOne.at(10)?.at ?? 0, ofOne.at(-10)?.at ?? 0]
  const meanwhile = crew.origin.requests.filter(({ at }) => at >= from && at <= to)
  const share = meanwhile.filter(({ path }) => path.startsWith('/0/')).length / meanwhile.length
  t.ok(share > 0.4 && share < 0.6, `${share.toFixed(2)} of all for the one`)
  for (const child of crew.children) child.kill('SIGKILL')
  await crew.ends()
  isWithinLimit(t, crew)
})

t.test('R16 what killed processes were granted is lost, and not made up for', async t => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t)
  const crew = await openCrew(t, { url, count: 4, assets: 150 })
  await until(() => crew.stored() > 100)
  for (const child of crew.children.slice(0, 2)) child.kill('SIGKILL')
  const killedAt = Math.max(...crew.origin.requests.map(({ at }) => at))
  const [, , third, fourth] = await crew.ends()
  t.strictSame([third?.code, fourth?.code], [0, 0])
  isWithinLimit(t, crew)
  const most = inWorstSecond(crew.origin.requests.filter(({ at }) => at > killedAt + 500))
  // Half was theirs before.
  t.ok(most > 0.5 * limit, `${most} of ${limit} a second for those that are left`)
})

for (const [title, args] of [
  ['a pool that has no cap', ['--pool', 'local:', '--tpslimit', '50', '--quota', '100/d']],
  ['a cap that is off for now', ['--bwlimit', 'Sun-03:00,10M Sun-03:01,off']],
] as const)
  t.test(`under ${title} a signal lets what is under way finish`, async t => {
    const origin = await startOrigin()
    t.teardown(origin.close)
    const urls = ['/a', '/b'].map(path => {
      origin.asset(path, { size: 300_000, ranges: false })
      return origin.script(path, { drip: { bytes: 100_000, everyMs: 300 } })
    })
    // The path of a socket has room for no more than some hundred characters.
    const place = mkdtempSync(join(tmpdir(), 'sluice-'))
    t.teardown(() => rmSync(place, { recursive: true }))
    const env = { XDG_RUNTIME_DIR: place }
    const child = start(t, ['-o', 'out', ...args], { input: urls.join('\n'), cwd: t.testdir(), env })
    const all = ended(child)
    await until(() => origin.bodyBytes >= 200_000)
    child.kill('SIGTERM')
    const { code, stdout } = await all
    t.equal(code, 143)
    t.match(linesOf(stdout), [{ status: 'stored' }, { status: 'stored' }])
  })
