import { once } from 'node:events'
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { makeCertificate } from '../../fixtures/certificate.js'
import { startRawServer } from '../../fixtures/raw-server.js'
import type { Connection } from '../../lib/http/connection.js'
import { type Connections, connections } from '../../lib/http/connections.js'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'

const open = (t: Test, maxIdle = 8): Connections => {
  const opened = connections({ maxIdle })
  t.teardown(opened.close)
  return opened
}

const server = (t: Test, text = ok) => startRawServer(t, { answer: socket => socket.write(text) })

/** Sends a request and waits for the end of the answer; rejects with what undici says. */
const ask = ({ client, begin, head }: Connection, method: 'GET' | 'HEAD' = 'GET'): Promise<void> =>
  new Promise((resolve, reject) => {
    begin(() => {})
    client.dispatch(
      { method, path: '/', reset: false },
      {
        onRequestStart() {},
        onResponseStart: head,
        onResponseData() {},
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })

/** One exchange, from lease to release. */
const exchange = async (pool: Connections, url: string, method?: 'GET' | 'HEAD'): Promise<Connection> => {
  const leased = pool.lease(url)
  await ask(leased, method)
  pool.release(leased, { broken: false })
  return leased
}

t.test('a connection that was given back is used again, also after a HEAD', async t => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
  const origin = await startRawServer(t, {
    answer: (socket, count) => socket.write(count % 2 === 0 ? head : ok),
  })
  const pool = open(t)
  for (const method of ['HEAD', 'GET', 'HEAD', 'GET'] as const) await exchange(pool, origin.url, method)
  t.equal(origin.connections, 1)
  t.equal(origin.requests.length, 4)
})

t.test('there are never more connections than are leased at once', async t => {
  const origin = await server(t)
  const pool = open(t)
  const run = async () => {
    for (let i = 0; i < 20; i++) await exchange(pool, origin.url)
  }
  await Promise.all([run(), run(), run()])
  t.equal(origin.requests.length, 60)
  t.equal(origin.connections, 3)
})

t.test('the connection used last is used next, and is known to have been used', async t => {
  const origin = await server(t)
  const pool = open(t)
  const [first, second] = [pool.lease(origin.url), pool.lease(origin.url)]
  t.not(first, second)
  t.notOk(first.isReused)
  await Promise.all([ask(first), ask(second)])
  pool.release(second, { broken: false })
  pool.release(first, { broken: false })
  t.equal(pool.lease(origin.url), first)
  t.ok(first.isReused)
  t.equal(pool.lease(origin.url), second)
})

t.test('a fresh connection is a new one, whatever is idle', async t => {
  const origin = await server(t)
  const pool = open(t)
  const used = await exchange(pool, origin.url)
  const fresh = pool.lease(origin.url, { fresh: true })
  t.not(fresh, used)
  t.notOk(fresh.isReused)
  t.equal(pool.lease(origin.url), used)
})

t.test('connections are not shared between origins', async t => {
  const [a, b] = [await server(t), await server(t)]
  const pool = open(t)
  await exchange(pool, a.url)
  await exchange(pool, b.url)
  t.equal(a.connections, 1)
  t.equal(b.connections, 1)
})

t.test('what is broken, or was closed by the origin after its answer, is not used again', async t => {
  const closing = await server(t, ok.replace('OK', 'OK\r\nConnection: close'))
  const keeping = await server(t)
  const pool = open(t)
  const closed = await exchange(pool, closing.url)
  t.not(pool.lease(closing.url), closed)
  const broken = pool.lease(keeping.url)
  await ask(broken)
  pool.release(broken, { broken: true })
  await keeping.deserted()
  t.not(pool.lease(keeping.url), broken)
})

t.test('what the origin closes while it is idle is forgotten', async t => {
  const sockets: Socket[] = []
  const origin = await startRawServer(t, {
    answer(socket) {
      sockets.push(socket)
      socket.write(ok)
    },
  })
  const pool = open(t)
  const used = await exchange(pool, origin.url)
  const disconnected = once(used.client, 'disconnect')
  sockets[0]?.end()
  await disconnected
  const next = pool.lease(origin.url)
  t.not(next, used)
  t.notOk(next.isReused)
})

t.test('bytes that nobody asked for close an idle connection', async t => {
  const origin = await server(t, `${ok}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`)
  const pool = open(t)
  for (let i = 0; i < 2; i++) {
    const leased = pool.lease(origin.url)
    await ask(leased)
    pool.release(leased, { broken: false })
    await origin.deserted()
  }
  t.equal(origin.connections, 2)
})

t.test('of too many idle connections the longest idle one is closed, whosever it is', async t => {
  const [a, b] = [await server(t), await server(t)]
  const pool = open(t, 2)
  const [a1, a2, b1] = [pool.lease(a.url), pool.lease(a.url), pool.lease(b.url)]
  await Promise.all([a1, a2, b1].map(leased => ask(leased)))
  for (const leased of [a1, b1, a2]) pool.release(leased, { broken: false })
  t.notOk(a1.isOpen())
  t.equal(pool.lease(a.url), a2)
  t.equal(pool.lease(b.url), b1)
})

t.test('what is closed takes no place of what is idle', async t => {
  const sockets: Socket[] = []
  const origin = await startRawServer(t, {
    answer(socket) {
      sockets.push(socket)
      socket.write(ok)
    },
  })
  const pool = open(t, 2)
  const leased = [
    pool.lease(origin.url),
    pool.lease(origin.url),
    pool.lease(origin.url),
    pool.lease(origin.url),
  ] as const
  for (const connection of leased) await ask(connection)
  const [first, closedIdle, closedLeased, last] = leased
  const closing = Promise.all([closedIdle, closedLeased].map(({ client }) => once(client, 'disconnect')))
  pool.release(first, { broken: false })
  pool.release(closedIdle, { broken: false })
  for (const socket of sockets.slice(1, 3)) socket.end()
  await closing
  pool.release(closedLeased, { broken: false })
  pool.release(last, { broken: false })
  t.equal(pool.lease(origin.url), last)
  t.equal(pool.lease(origin.url), first)
})

t.test('closing closes what is idle at once, and what is leased when it comes back', async t => {
  const origin = await server(t)
  const pool = open(t)
  const leased = pool.lease(origin.url)
  await ask(leased)
  await exchange(pool, origin.url)
  t.equal(origin.connections, 2)
  pool.close()
  t.ok(leased.isOpen())
  pool.release(leased, { broken: false })
  t.notOk(leased.isOpen())
  await origin.deserted()
})

t.test('a certificate that nobody vouches for is refused', async t => {
  const certificate = makeCertificate(t.testdir())
  const origin = await startRawServer(t, { certificate, answer: socket => socket.write(ok) })
  await t.rejects(exchange(open(t), origin.url), {
    code: 'ERR_TLS',
    cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  })
  t.strictSame(origin.requests, [])
})

t.test('connections are prepared as far as they are wanted, and leased first', async t => {
  const origin = await server(t)
  const pool = connections({ maxIdle: 8, mostPrepared: () => 2 })
  t.teardown(pool.close)
  for (let n = 0; n < 5; n++) pool.prepare(origin.url)
  const leased = [pool.lease(origin.url), pool.lease(origin.url)]
  t.ok(leased.every(({ isOpen }) => isOpen()))
  t.notOk(pool.lease(origin.url).isOpen(), 'a third one was not prepared')
  await Promise.all(leased.map(each => ask(each)))
  t.equal(origin.connections, 2)
  pool.prepare(origin.url)
  pool.close()
  pool.prepare(origin.url)
  for (const each of leased) pool.release(each, { broken: false })
  await origin.deserted()
})
