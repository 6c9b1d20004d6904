import t from 'tap'
import { bulk, goodInfo, startFalseRedis } from '../../../fixtures/false-redis.js'
import { hasRedis, startRedis } from '../../../fixtures/redis.js'
import { connect } from '../../../lib/pool/redis/connection.js'
import { parseRedisUrl } from '../../../lib/pool/redis/redis-url.js'

const timeoutMs = 200

const connectTo = async (t: { teardown(end: () => void): void }, url: string) => {
  const connection = await connect(parseRedisUrl(url), { timeoutMs })
  t.teardown(() => connection.close())
  return connection
}

/** What it took, in milliseconds. */
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await work()
  return performance.now() - from
}

t.test('a server that is there is known by the start that it runs since', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t)
  const connection = await connectTo(t, server.url)
  await connection.open(5000)
  const first = await connection.run(async ({ runId }) => runId)
  t.match(first, /^[0-9a-f]{40}$/)
  await server.kill()
  await t.rejects(
    connection.run(({ redis }) => redis.ping()),
    { code: 'ERR_POOL' },
  )
  await server.restart()
  await connection.open(5000)
  t.not(await connection.run(async ({ runId }) => runId), first)
})

t.test('what will not pass by itself is told at once, and without the password', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t, ['requirepass right', 'databases 2'])
  const at = (given: string, path = '') => server.url.replace('//', `//${given}`) + path
  const cases: [url: string, message: RegExp][] = [
    [at(':wrongsecret@'), /WRONGPASS/],
    [at('me:wrongsecret@'), /WRONGPASS/],
    [at(''), /NOAUTH/],
    [at(':right@', '/77'), /DB index is out of range/],
  ]
  for (const [url, message] of cases) {
    const connection = await connectTo(t, url)
    const opening = connection.open(5000)
    await t.rejects(opening, { code: 'ERR_POOL', message }, url)
    const error = await opening.catch((error: Error) => error)
    t.notMatch(printed(error), /wrongsecret|right@/)
  }
  const connection = await connectTo(t, at(':right@', '/1'))
  await connection.open(5000)
  t.pass('the right one is taken')
})

/** All that could be printed of an error. */
const printed = (error: unknown): string =>
  JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error)

t.test('a Redis that is too old is refused in a line', async t => {
  for (const [version, isGood] of [
    ['6.0.16', false],
    ['5.0.7', false],
    ['6.2.0', true],
    ['7.4.1', true],
    ['8.2.0', true],
    ['255.255.255', true],
  ] as const) {
    const { url } = await startFalseRedis(t, socket => socket.write(goodInfo(version)))
    const opening = (await connectTo(t, url)).open(2000)
    const message = /expected Redis 6\.2 or later, got /
    await (isGood
      ? opening.then(() => t.pass(version))
      : t.rejects(opening, { code: 'ERR_POOL', message }, version))
  }
})

t.test('R2, R7 who is not there, or never answers, is waited for and no longer', async t => {
  const silent = await startFalseRedis(t, () => {})
  for (const url of ['redis://127.0.0.1:1', silent.url, silent.url.replace('//', '//:p@')]) {
    const connection = await connectTo(t, url)
    const took = await timed(() => t.rejects(connection.open(600), { code: 'ERR_POOL' }, url))
    t.ok(took < 1500, `${took} ms`)
    const again = await timed(() =>
      t.rejects(
        connection.run(({ redis }) => redis.ping()),
        { code: 'ERR_POOL' },
      ),
    )
    t.ok(again < 1000, `${again} ms`)
  }
})

/** Replies that no Redis gives, or that it gives in bad times. */
const replies: Record<string, string> = {
  garbage: 'HTTP/1.1 400 Bad Request\r\n\r\n',
  binary: '\x00\xff\xfe\x80',
  'a string without end': '$999999999999\r\n',
  'a list without end': '*4294967295\r\n',
  'a negative length': '$-7\r\n',
  'lists in lists': '*1\r\n'.repeat(200_000),
  'a list': '*2\r\n:1\r\n:2\r\n',
  nothing: '$-1\r\n',
  READONLY: "-READONLY You can't write against a read only replica.\r\n",
  LOADING: '-LOADING Redis is loading the dataset in memory\r\n',
  OOM: "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
  MOVED: '-MOVED 3999 127.0.0.1:1\r\n',
  ASK: '-ASK 3999 127.0.0.1:1\r\n',
  CLUSTERDOWN: '-CLUSTERDOWN Hash slot not served\r\n',
  BUSY: '-BUSY Redis is busy running a script.\r\n',
  MASTERDOWN: '-MASTERDOWN Link with MASTER is down\r\n',
  TRYAGAIN: '-TRYAGAIN\r\n',
}

t.test(
  'R5, R8, R9, R10 no reply hangs, crashes or fills the memory: it is lost, and the next one counts',
  async t => {
    for (const [name, reply] of Object.entries(replies)) {
      let isEvil = true
      const { url } = await startFalseRedis(t, (socket, given) => {
        if (given.includes('info')) socket.write(goodInfo())
        else if (given.includes('ping')) socket.write(isEvil ? reply : bulk('PONG'))
      })
      const connection = await connectTo(t, url)
      await connection.open(2000)
      const asking = connection.run(async ({ redis }) => {
        const replied: unknown = await redis.ping()
        if (replied !== 'PONG') throw new Error('what is this')
      })
      const took = await timed(() => t.rejects(asking, { code: 'ERR_POOL' }, name))
      t.ok(took < 1500, `${name}: ${took} ms`)
      isEvil = false
      await connection.open(3000)
      let isBack = false
      for (let tries = 0; tries < 20 && !isBack; tries++)
        isBack = await connection
          .run(({ redis }) => redis.ping())
          .then(
            () => true,
            () => false,
          )
      t.ok(isBack, `${name}, and then well`)
    }
  },
)

t.test('nor does a greeting', async t => {
  for (const [name, reply] of Object.entries(replies)) {
    let isEvil = true
    const { url } = await startFalseRedis(t, socket => socket.write(isEvil ? reply : goodInfo()))
    const connection = await connectTo(t, url)
    const took = await timed(() => t.rejects(connection.open(500), { code: 'ERR_POOL' }, name))
    t.ok(took < 1500, `${name}: ${took} ms`)
    isEvil = false
    await connection.open(5000)
    t.pass(`${name}, and then well`)
  }
})

t.test('a connection that is closed is closed', async t => {
  if (!hasRedis(t)) return
  const server = await startRedis(t)
  const connection = await connectTo(t, server.url)
  await connection.open(5000)
  connection.close()
  await t.rejects(
    connection.run(({ redis }) => redis.ping()),
    { code: 'ERR_POOL' },
  )
})
