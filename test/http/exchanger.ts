import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { type RawServerOptions, startRawServer } from '../../fixtures/raw-server.js'
import { connections } from '../../lib/http/connections.js'
import { type ExchangerOptions, exchanger } from '../../lib/http/exchanger.js'
import { newWork } from '../../lib/work.js'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'

const deadlines = { timeoutMs: 10_000, stallMs: 10_000, minRate: 0, maxTimeMs: Number.POSITIVE_INFINITY }

const open = async (t: Test, options: RawServerOptions, own: Partial<ExchangerOptions> = {}) => {
  const server = await startRawServer(t, options)
  const abort = new AbortController()
  let bytes = 0
  const exchanges = exchanger({
    connections: connections({ maxIdle: 8 }),
    deadlines: () => deadlines,
    onBytes(more) {
      bytes += more
    },
    aborted: abort.signal,
    clock: manualClock(),
    ...own,
  })
  t.teardown(exchanges.close)
  const work = newWork()
  const get = (accept: () => Writable | undefined = () => undefined) =>
    exchanges.exchange({ method: 'GET', url: new URL(server.url), headers: {} }, { accept, work })
  return { server, abort, exchanges, work, get, bytes: () => bytes }
}

t.test('what arrives is charged to the work and told to the run', async t => {
  const { server, work, get, bytes } = await open(t, { answer: socket => socket.write(ok) })
  await get()
  await get()
  t.equal(work.received, 2 * ok.length)
  t.equal(bytes(), server.sentBytes)
  t.equal(server.connections, 1)
})

t.test('an idle connection that turns out to be closed is replaced, once and unnoticed', async t => {
  for (const end of ['fin', 'reset'] as const) {
    const { server, work, get } = await open(t, {
      answer(socket, count) {
        if (count !== 1) socket.write(ok)
        else if (end === 'fin') socket.end()
        else socket.resetAndDestroy()
      },
    })
    for (let request = 0; request < 3; request++) t.match(await get(), { head: { status: 200 } }, end)
    t.equal(server.connections, 2)
    t.equal(server.requests.length, 4)
    t.equal(work.received, 3 * ok.length)
  }
})

t.test('only a connection that was used before, and had not answered yet, is replaced', async t => {
  const cases: [string, number, string, string][] = [
    ['a new connection', 0, '', 'ERR_NETWORK'],
    ['an answer that has begun', 1, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe', 'ERR_BODY_SHORT'],
    ['an answer that is none', 1, 'SSH-2.0\r\n', 'ERR_HTTP_PROTOCOL'],
    ['an answer that is none on a new connection', 0, 'SSH-2.0\r\n', 'ERR_HTTP_PROTOCOL'],
  ]
  for (const [name, before, text, code] of cases) {
    const { server, get } = await open(t, {
      answer: (socket, count) => (count < before ? socket.write(ok) : socket.end(text)),
    })
    const into = () => new Writable({ write: (_chunk, _encoding, callback) => callback() })
    for (let request = 0; request < before; request++) await get()
    await t.rejects(get(into), { code }, name)
    t.equal(server.requests.length, before + 1, name)
    await server.deserted()
  }
})

t.test('what a response before had too much of is no answer to the next request', async t => {
  // A HEAD with a body, at once or when the next request is there already.
  for (const isLate of [false, true]) {
    const { server, exchanges, work, get } = await open(t, {
      answer(socket, count) {
        if (count === 0) socket.write(isLate ? ok.slice(0, -5) : ok)
        else socket.write(isLate && count === 1 ? ok.slice(-5) : ok)
      },
    })
    const url = new URL(server.url)
    await exchanges.exchange({ method: 'HEAD', url, headers: {} }, { accept: () => undefined, work })
    t.match(await get(), { head: { status: 200 }, bodyBytes: 5 }, isLate ? 'late' : 'at once')
  }
})

t.test('an answer that is reset midway is not asked for again', async t => {
  let reset = () => {}
  const { server, get } = await open(t, {
    answer(socket, count) {
      socket.write(count === 0 ? ok : ok.slice(0, -1))
      reset = () => socket.resetAndDestroy()
    },
  })
  await get()
  const into = new Writable({
    write(_chunk, _encoding, callback) {
      reset()
      callback()
    },
  })
  await t.rejects(
    get(() => into),
    { code: 'ERR_NETWORK' },
  )
  t.equal(server.requests.length, 2)
})

t.test('of many idle connections that were closed only one is tried', async t => {
  const { server, get } = await open(t, {
    answer: (socket, count) => (count === 2 ? socket.end() : socket.write(ok)),
  })
  await Promise.all([get(), get()])
  t.equal(server.connections, 2)
  t.match(await get(), { head: { status: 200 } })
  t.equal(server.connections, 3)
})

t.test('an origin that never answers on a new connection either has failed', async t => {
  const { server, get } = await open(t, {
    answer: (socket, count) => (count === 0 ? socket.write(ok) : socket.end()),
  })
  await get()
  await t.rejects(get(), { code: 'ERR_NETWORK' })
  t.equal(server.requests.length, 3)
})

t.test('the end of the run ends every exchange under way, and lets none begin', async t => {
  let asked = () => {}
  const asking = new Promise<void>(resolve => {
    asked = resolve
  })
  const { server, abort, get } = await open(t, { answer: (_socket, count) => count === 2 && asked() })
  const running = Promise.allSettled([get(), get(), get()])
  await asking
  abort.abort()
  for (const result of await running) t.match(result, { status: 'rejected', reason: { code: 'ERR_ABORTED' } })
  await server.deserted()
  await t.rejects(get(), { code: 'ERR_ABORTED' })
  t.equal(server.connections, 3)
})

t.test('the time of an asset is that of all its exchanges', async t => {
  const clock = manualClock()
  let asked = () => {}
  const { server, work, get } = await open(
    t,
    { answer: () => asked() },
    { clock, deadlines: () => ({ ...deadlines, maxTimeMs: 1000 }) },
  )
  work.activeMs = 900
  const asking = new Promise<void>(resolve => {
    asked = resolve
  })
  const failing = t.rejects(get(), { code: 'ERR_TOO_SLOW', scope: 'entry' })
  await asking
  await clock.advance(101)
  await failing
  t.ok(work.activeMs >= 1000)
  await server.deserted()
})

t.test('a closed exchanger keeps no connection', async t => {
  const { server, exchanges, get } = await open(t, { answer: socket => socket.write(ok) })
  await get()
  exchanges.close()
  await server.deserted()
})
