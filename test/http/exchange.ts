import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { buildConnector } from 'undici'
import { makeCertificate } from '../../fixtures/certificate.js'
import { manualClock } from '../../fixtures/clock.js'
import { type RawServerOptions, startRawServer } from '../../fixtures/raw-server.js'
import { SyncError } from '../../lib/errors.js'
import { connection } from '../../lib/http/connection.js'
import { type Deadlines, type Exchanged, type ExchangeOptions, exchange } from '../../lib/http/exchange.js'
import { newWindow } from '../../lib/work.js'

/** A Writable that keeps what it is given; with `slow` it asks for a pause after each chunk, until `take`. */
const collector = ({ slow = false } = {}) => {
  const chunks: Buffer[] = []
  let waiting: (() => void) | undefined
  const into = new Writable({
    highWaterMark: slow ? 1 : 1e6,
    write(chunk: Buffer, _encoding, callback) {
      // undici's buffer lives on in another chunk.
      chunks.push(Buffer.from(chunk))
      if (!slow) return callback()
      waiting = callback
      into.emit('taken')
    },
  })
  return {
    into,
    take: () => waiting?.(),
    text: () => Buffer.concat(chunks).toString('latin1'),
  }
}

/** A Writable that tells of what it takes. */
const telling = () => {
  const into: Writable = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      callback()
      into.emit('taken', chunk.length)
    },
  })
  return into
}

type Run = {
  answer: Promise<Exchanged>
  abort: (reason: SyncError) => void
  bytes: () => number
  activeMs: () => number | undefined
}

type RunOptions = Partial<Pick<ExchangeOptions, 'accept'>> & {
  method?: 'GET' | 'HEAD'
  deadlines?: Partial<Deadlines>
}

/** A server and a connection to it; `run` makes one exchange over it. */
const open = async (t: Test, options: RawServerOptions | string = {}) => {
  const raw = typeof options === 'string'
  const server = await startRawServer(t, raw ? { answer: socket => socket.end(options) } : options)
  const clock = manualClock()
  const certificate = raw ? undefined : options.certificate
  const made = connection(server.url, {
    secure: buildConnector({ timeout: 0, ...(certificate && { ca: certificate.cert }) }),
    onClose: () => {},
  })
  t.teardown(made.destroy)
  const run = ({ method = 'GET', deadlines = {}, accept = () => undefined }: RunOptions = {}): Run => {
    let abort: Run['abort'] = () => {}
    let bytes = 0
    let activeMs: number | undefined
    const answer = exchange(
      { method, url: new URL('/a?b', server.url), headers: { accept: '*/*' } },
      {
        connection: made,
        deadlines: {
          timeoutMs: 10_000,
          stallMs: 10_000,
          minRate: 0,
          window: newWindow(),
          remainingMs: Number.POSITIVE_INFINITY,
          ...deadlines,
        },
        clock,
        accept,
        onBytes(more) {
          bytes += more
        },
        onAbortable(given) {
          abort = given
        },
        onOver(ms) {
          activeMs = ms
        },
      },
    )
    // Looked at later: until then its failure is nobody's.
    answer.catch(() => {})
    return { answer, abort: reason => abort(reason), bytes: () => bytes, activeMs: () => activeMs }
  }
  return { server, made, clock, run }
}

const ok = (body = 'hello', headers = '') =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`

const chunked = (chunks: string) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`

t.test('a request goes out as given, and its answer comes back', async t => {
  const { server, made, run } = await open(t, {
    answer: socket => socket.write(ok('hello', 'ETag: "a"\r\n')),
  })
  const body = collector()
  const { answer, bytes } = run({ accept: () => body.into })
  const { head, ...exchanged } = await answer
  t.match(head, { status: 200, headers: { etag: '"a"', 'content-length': '5' } })
  t.match(exchanged, { bodyBytes: 5, delimited: true, reusable: true })
  t.ok(exchanged.roundTripMs > 0)
  t.equal(body.text(), 'hello')
  t.notOk(body.into.writableEnded)
  t.equal(bytes(), server.sentBytes)
  t.match(server.requests[0], /^GET \/a\?b HTTP\/1\.1\r\n/)
  t.match(server.requests[0], /\r\nconnection: keep-alive(\r\n|$)/)
  t.ok(made.isOpen())
})

t.test('what is kept of a body is not what others read, only who takes it at once is lent it', async t => {
  const [one, other] = [await open(t, ok('a'.repeat(1000))), await open(t, ok('b'.repeat(1000)))]
  const kept: Buffer[] = []
  const keeping = (takesAtOnce: boolean) =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, callback) {
          kept.push(chunk)
          callback()
        },
      }),
      { takesAtOnce },
    )
  await one.run({ accept: () => keeping(false) }).answer
  await other.run({ accept: () => keeping(true) }).answer
  await (await open(t, ok('c'.repeat(1000)))).run({ accept: () => keeping(false) }).answer
  // Heads are of the same length, and so bodies are read to the same place.
  t.strictSame(
    kept.map(chunk => chunk.toString('latin1', 0, 1)),
    ['a', 'c', 'c'],
  )
})

t.test('answers without a body end with their head', async t => {
  const cases: ['GET' | 'HEAD', string][] = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ]
  for (const [method, text] of cases) {
    const { made, run } = await open(t, { answer: socket => socket.write(text) })
    t.match(await run({ method }).answer, { bodyBytes: 0, delimited: true, reusable: true }, text)
    t.ok(made.isOpen())
  }
})

t.test('a 304 that tells the length of what it does not send is an answer', async t => {
  const { run } = await open(t, {
    answer: s => s.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 100000\r\n\r\n'),
  })
  t.match(await run().answer, { head: { status: 304 }, bodyBytes: 0, delimited: true })
})

t.test('interim responses before the answer are no answer', async t => {
  for (const interim of [
    'HTTP/1.1 102 Processing\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nETag: "not"\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1000),
  ]) {
    const { run } = await open(t, interim + ok())
    const body = collector()
    const { head } = await run({ accept: () => body.into }).answer
    t.equal(head.status, 200)
    t.equal(head.headers.etag, undefined)
    t.equal(body.text(), 'hello')
  }
})

t.test('a body may end in every way that HTTP knows', async t => {
  const cases: [string, string, { delimited: boolean }][] = [
    ['its length', ok(), { delimited: true }],
    ['more than its length', `${ok()}and more`, { delimited: true }],
    ['chunks', chunked('2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: t\r\n\r\n'), { delimited: true }],
    ['the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nhello', { delimited: false }],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', { delimited: false }],
  ]
  for (const [name, text, expected] of cases) {
    const { run } = await open(t, text)
    const body = collector()
    t.match(await run({ accept: () => body.into }).answer, { bodyBytes: 5, ...expected }, name)
    t.equal(body.text(), 'hello', name)
  }
})

t.test('what is not HTTP, or breaks off, has its own code', async t => {
  const cases: [string, string, string][] = [
    ['nothing', '', 'ERR_NETWORK'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le', 'ERR_NETWORK'],
    ['a short body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', 'ERR_BODY_SHORT'],
    [
      'a short body of a last answer',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhello',
      'ERR_BODY_SHORT',
    ],
    ['chunks without an end', chunked('5\r\nhello\r\n'), 'ERR_BODY_SHORT'],
    ['half a chunk', chunked('a\r\nhello'), 'ERR_BODY_SHORT'],
    [
      'half a chunk of a last answer',
      `${chunked('a\r\nhello').replace('OK', 'OK\r\nConnection: close')}`,
      'ERR_BODY_SHORT',
    ],
    ['a bad chunk', chunked('xyz\r\nhello\r\n0\r\n\r\n'), 'ERR_HTTP_PROTOCOL'],
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n', 'ERR_HTTP_PROTOCOL'],
    ['HTTP/0.9', '<html>hello</html>', 'ERR_HTTP_PROTOCOL'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 0\r\n\r\n', 'ERR_HTTP_PROTOCOL'],
    ['no number', 'HTTP/1.1 200 OK\r\nContent-Length: 5s\r\n\r\nhello', 'ERR_HTTP_PROTOCOL'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'ERR_HTTP_PROTOCOL'],
    ['a length past any', `HTTP/1.1 200 OK\r\nContent-Length: ${2n ** 64n}\r\n\r\n`, 'ERR_HTTP_PROTOCOL'],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      'ERR_HTTP_PROTOCOL',
    ],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'ERR_HTTP_PROTOCOL',
    ],
    ['a status below 100', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n', 'ERR_HTTP_PROTOCOL'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n', 'ERR_HTTP_PROTOCOL'],
    [
      'an unasked 101',
      'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
      'ERR_HTTP_PROTOCOL',
    ],
    ['a header of 16 KiB', ok('hello', `A: ${'a'.repeat(16 * 1024)}\r\n`), 'ERR_HTTP_PROTOCOL'],
    ['5,000 headers', ok('hello', 'Aaa: aaa\r\n'.repeat(5000)), 'ERR_HTTP_PROTOCOL'],
  ]
  for (const [name, text, code] of cases) {
    const { server, run } = await open(t, text)
    const { answer, bytes } = run({ accept: () => collector().into })
    await t.rejects(answer, { name: 'SyncError', code, scope: 'attempt' }, name)
    await server.deserted()
    t.ok(bytes() <= server.sentBytes)
  }
})

/** The exchange with a server that writes `text`, and resets the connection once the body has begun to arrive. */
const resetting = async (t: Test, text: string, options: RawServerOptions): Promise<Exchanged> => {
  let reset = () => {}
  const { run } = await open(t, {
    ...options,
    answer(socket, _count, raw) {
      socket.write(text)
      reset = () => raw.resetAndDestroy()
    },
  })
  const into = telling()
  into.once('taken', () => reset())
  return run({ accept: () => into }).answer
}

t.test('a reset within a body is a fault of the network, whatever told its end', async t => {
  const certificate = makeCertificate(t.testdir())
  for (const [kind, options] of [
    ['plain', {}],
    ['TLS', { certificate }],
  ] as const)
    for (const [name, text] of [
      ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
      ['a length, last answer', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhello'],
      ['chunks', chunked('a\r\nhello')],
      ['no length', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ] as const)
      await t.rejects(resetting(t, text, options), { code: 'ERR_NETWORK' }, `${kind}: ${name}`)
})

t.test(
  'over TLS every byte counts, handshake included, and an end without length proves nothing',
  async t => {
    const certificate = makeCertificate(t.testdir())
    const { server, made, run } = await open(t, {
      certificate,
      answer: (socket, count) =>
        count < 2 ? socket.write(ok()) : socket.end('HTTP/1.1 200 OK\r\n\r\nhello'),
    })
    let received = 0
    for (const delimited of [true, true, false]) {
      const body = collector()
      const { answer, bytes } = run({ accept: () => body.into })
      t.match(await answer, { bodyBytes: 5, delimited })
      t.equal(body.text(), 'hello')
      received += bytes()
    }
    await server.deserted()
    t.equal(received + made.arrived(), server.sentBytes)
    t.ok(received > 3 * ok().length)
    t.equal(server.connections, 1)
  },
)

t.test('a body that nobody wants is read to keep the connection, up to 64 KiB', async t => {
  const limit = 64 * 1024
  const cases: [string, string, { reusable: boolean }][] = [
    ['a small one', ok('a'.repeat(limit)), { reusable: true }],
    ['small chunks', chunked('5\r\nhello\r\n0\r\n\r\n'), { reusable: true }],
    [
      'one known to be larger',
      `HTTP/1.1 404 No\r\nContent-Length: ${limit + 1}\r\n\r\n`,
      { reusable: false },
    ],
    ['one that goes on', chunked(`${'1000\r\n'}${'a'.repeat(4096)}\r\n`.repeat(17)), { reusable: false }],
  ]
  for (const [name, text, expected] of cases) {
    const { server, made, run } = await open(t, { answer: socket => socket.write(text) })
    t.match(await run().answer, expected, name)
    t.equal(made.isOpen(), expected.reusable)
    if (!expected.reusable) await server.deserted()
  }
})

t.test('where nobody wants the body, nothing that befalls it matters', async t => {
  const head = 'HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nhello'
  const short = await open(t, head)
  t.match(await short.run().answer, { head: { status: 404 }, reusable: false })
  const silent = await open(t, { answer: socket => socket.write(head) })
  const heard = new Promise<void>(resolve => {
    const { answer } = silent.run({
      accept() {
        resolve()
        return undefined
      },
    })
    t.resolveMatch(answer, { head: { status: 404 }, reusable: false })
  })
  await heard
  // Long before the silence would be too long.
  await silent.clock.advance(2001)
  await silent.server.deserted()
})

t.test('a head that is refused ends the exchange with the reason, and the connection', async t => {
  const { server, run } = await open(t, { answer: socket => socket.write(ok()) })
  const refusal = new SyncError('ERR_TYPE', 'not wanted')
  const { answer } = run({
    accept() {
      throw refusal
    },
  })
  await t.rejects(answer, refusal)
  await server.deserted()
})

t.test('a Writable that fails ends the exchange', async t => {
  const { server, run } = await open(t, {
    answer: socket => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
  })
  const full = Object.assign(new Error(), { code: 'ENOSPC', syscall: 'write' })
  const into = new Writable({ write: (_chunk, _encoding, callback) => callback(full) })
  await t.rejects(run({ accept: () => into }).answer, { code: 'ERR_DESTINATION' })
  await server.deserted()
})

t.test('a request over a connection that was closed fails', async t => {
  const { made, run } = await open(t, { answer: socket => socket.end(ok('', 'Connection: close\r\n')) })
  await run().answer
  t.notOk(made.isOpen())
  await t.rejects(run().answer, { code: 'ERR_NETWORK' })
})

/** Resolves when the server has done what `script` begins with `reached`. */
const stage = () => {
  let reached = () => {}
  const reaching = new Promise<void>(resolve => {
    reached = resolve
  })
  return { reached: () => reached(), reaching }
}

/** Servers that say nothing more at some point, and the writable their body goes to. */
const silences = (): [string, { reaching: Promise<unknown> }, RawServerOptions, { tls?: true }][] => {
  const [connecting, waiting, interim, partial] = [stage(), stage(), stage(), stage()]
  return [
    ['connecting', connecting, { greet: raw => raw.once('data', connecting.reached) }, { tls: true }],
    ['waiting for headers', waiting, { answer: waiting.reached }, {}],
    [
      'waiting after an interim response',
      interim,
      {
        answer(socket) {
          socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(3), interim.reached)
        },
      },
      {},
    ],
    [
      'within the headers',
      partial,
      {
        answer(socket) {
          socket.write('HTTP/1.1 200 OK\r\nContent', partial.reached)
        },
      },
      {},
    ],
  ]
}

t.test('the timeout ends what has not answered, and its socket', async t => {
  for (const [name, { reaching }, options] of silences()) {
    const { server, clock, run } = await open(t, options)
    const { answer, activeMs } = run({ deadlines: { timeoutMs: 1000 } })
    if (name !== 'connecting') await reaching
    await clock.advance(999)
    t.equal(activeMs(), undefined, name)
    await clock.advance(2)
    await t.rejects(answer, { code: 'ERR_TIMEOUT', scope: 'attempt' }, name)
    await server.deserted()
  }
})

t.test('what says nothing comes to an end before the timeout, wherever it is', async t => {
  const [head = '', body = ''] = ok().split('\r\n\r\n')
  for (const [name, first, more] of [
    ['interim responses', '', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)],
    ['a status line', 'HTTP/1.1 200 ', 'O'.repeat(10_000)],
    ['a chunk extension', chunked('5;'), 'x'.repeat(10_000)],
    ['chunk extensions with a byte each', chunked(''), `1;${'x'.repeat(100)}\r\na\r\n`.repeat(100)],
  ] as const) {
    const { server, run } = await open(t, {
      answer(socket) {
        const goOn = (error?: Error | null) => {
          if (!error && socket.writable) socket.write(more, goOn)
        }
        socket.write(first, goOn)
      },
    })
    const into = new Writable({ write: (_chunk, _encoding, callback) => callback() })
    const { answer, bytes } = run({ accept: () => into })
    await t.rejects(answer, { code: 'ERR_HTTP_PROTOCOL', scope: 'entry' }, name)
    t.ok(bytes() < 1_500_000, `${name}: ${bytes()} bytes`)
    await server.deserted()
  }
  // As many bytes as anybody sends without saying anything are no harm.
  const many = `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000)}${head}\r\n\r\n${body}`
  const { run } = await open(t, { answer: socket => socket.write(many) })
  t.match(await run().answer, { head: { status: 200 }, reusable: true })
})

t.test('interim responses without end do not put off the timeout', async t => {
  const { clock, run } = await open(t, {
    answer(socket) {
      const more = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 5)
      socket.once('close', () => clearInterval(more))
    },
  })
  const { answer } = run({ deadlines: { timeoutMs: 1000 } })
  await clock.advance(600)
  await clock.advance(600)
  await t.rejects(answer, { code: 'ERR_TIMEOUT' })
})

/** A server that sends a head and some of the body, then more of it with every call of `send`. */
const dripping = async (t: Test) => {
  let socket: Socket | undefined
  const opened = await open(t, {
    answer(answering) {
      socket = answering
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
    },
  })
  return { ...opened, send: (bytes: number) => socket?.write('a'.repeat(bytes)) }
}

t.test('a body that stops coming is stalled; one that comes on is not', async t => {
  const { server, clock, run, send } = await dripping(t)
  const into = telling()
  const headed = stage()
  const { answer } = run({
    deadlines: { stallMs: 1000 },
    accept() {
      headed.reached()
      return into
    },
  })
  await headed.reaching
  for (let i = 0; i < 5; i++) {
    await clock.advance(900)
    const taken = once(into, 'taken')
    send(10)
    await taken
  }
  await clock.advance(1001)
  await t.rejects(answer, { code: 'ERR_STALLED', scope: 'attempt' })
  await server.deserted()
})

t.test('while the Writable is full no deadline runs, and the socket is not read', async t => {
  const size = 8_000_000
  const { made, clock, run } = await open(t, {
    answer: socket => socket.end(ok('a'.repeat(size))),
  })
  const body = collector({ slow: true })
  const { answer, bytes, activeMs } = run({
    deadlines: { stallMs: 1000, remainingMs: 5000, minRate: 1_000_000 },
    accept: () => body.into,
  })
  await once(body.into, 'taken')
  await clock.advance(3_600_000)
  // Time enough to read all of it, if anybody did.
  for (let turn = 0; turn < 500; turn++) await setImmediate()
  t.ok(bytes() + made.arrived() < size / 4)
  body.into.on('taken', () => setImmediate().then(body.take))
  body.take()
  t.match(await answer, { bodyBytes: size })
  t.equal(activeMs(), 0)
})

t.test('a connection that ends while the Writable is full ends nothing else', async t => {
  const size = 300_000
  const body = 'a'.repeat(size)
  const cases: [string, string, { delimited: boolean }][] = [
    ['a length', ok(body), { delimited: true }],
    ['a length, last answer', ok(body, 'Connection: close\r\n'), { delimited: true }],
    ['chunks', chunked(`${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`), { delimited: true }],
    ['no length', `HTTP/1.1 200 OK\r\n\r\n${body}`, { delimited: false }],
  ]
  for (const [name, text, expected] of cases) {
    const { server, run } = await open(t, text)
    const { into, take } = collector({ slow: true })
    // A few turns of the event loop, in which the end of the connection arrives.
    into.on('taken', async () => {
      for (let turn = 0; turn < 5; turn++) await setImmediate()
      take()
    })
    t.match(await run({ accept: () => into }).answer, { bodyBytes: size, ...expected }, name)
    await server.deserted()
  }
})

t.test('a body slower than the least rate, and an asset out of time, are too slow', async t => {
  const cases: [Partial<Deadlines>, number, { scope: string }][] = [
    [{ stallMs: 1000, minRate: 100 }, 1001, { scope: 'attempt' }],
    [{ remainingMs: 700 }, 701, { scope: 'entry' }],
  ]
  for (const [deadlines, ms, { scope }] of cases) {
    const { server, clock, run, send } = await dripping(t)
    const into = telling()
    const headed = stage()
    const { answer, activeMs } = run({
      deadlines,
      accept() {
        headed.reached()
        return into
      },
    })
    await headed.reaching
    await clock.advance(600)
    const taken = once(into, 'taken')
    send(10)
    await taken
    await clock.advance(ms - 600)
    await t.rejects(answer, { code: 'ERR_TOO_SLOW', scope })
    t.ok((activeMs() ?? 0) >= ms - 1)
    await server.deserted()
  }
})

t.test('an abort ends the exchange wherever it is, and leaves no socket open', async t => {
  const reason = new SyncError('ERR_ABORTED', 'enough')
  for (const [name, { reaching }, options] of silences()) {
    const { server, run } = await open(t, options)
    const { answer, abort, activeMs } = run()
    if (name !== 'connecting') await reaching
    abort(reason)
    await t.rejects(answer, reason, name)
    t.equal(activeMs(), 0)
    await server.deserted()
  }
  const body = await dripping(t)
  const into = telling()
  const headed = stage()
  const { answer, abort } = body.run({
    accept() {
      headed.reached()
      return into
    },
  })
  await headed.reaching
  abort(reason)
  await t.rejects(answer, reason, 'within the body')
  abort(reason)
  await body.server.deserted()
  t.equal(into.listenerCount('error') + into.listenerCount('drain'), 0)
})

t.test('who is paused waits once, however many chunks still come of what was read', async t => {
  const { run } = await open(t, chunked(`${'1\r\nx\r\n'.repeat(100)}0\r\n\r\n`))
  const body = collector({ slow: true })
  await run({ accept: () => body.into }).answer
  t.equal(body.into.listenerCount('drain'), 1)
  while (body.text().length < 100) {
    body.take()
    await setImmediate()
  }
  t.equal(body.text(), 'x'.repeat(100))
  body.take()
})
