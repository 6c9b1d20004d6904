import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { buildConnector } from 'undici'
import { type Certificate, makeCertificate } from '../../fixtures/certificate.js'
import { type RawServerOptions, startRawServer } from '../../fixtures/raw-server.js'
import { type Connection, type ConnectionOptions, connection } from '../../lib/http/connection.js'

/** A connection to a server of the test's own, which counts how often it was closed. */
const open = async (
  t: Test,
  { lookup, readBytes, ...options }: RawServerOptions & Pick<ConnectionOptions, 'lookup' | 'readBytes'> = {},
) => {
  const server = await startRawServer(t, options)
  let closings = 0
  const made = connection(server.url, {
    secure: buildConnector({ timeout: 0, ...(options.certificate && { ca: options.certificate.cert }) }),
    lookup,
    readBytes,
    onClose: () => closings++,
  })
  t.teardown(made.destroy)
  return { server, made, closings: () => closings }
}

/** Sends a GET; the status of the answer, or the error. */
const get = ({ client, begin, head }: Connection): Promise<number | Error> =>
  new Promise(resolve => {
    let status = 0
    begin(() => {})
    client.dispatch(
      { method: 'GET', path: '/' },
      {
        onRequestStart() {},
        onResponseStart(_controller, code) {
          head()
          status = code
        },
        onResponseData() {},
        onResponseEnd: () => resolve(status),
        onResponseError: (_controller, error) => resolve(error),
      },
    )
  })

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'

const kinds = async (t: Test): Promise<[string, { certificate?: Certificate }][]> => [
  ['plain', {}],
  ['TLS', { certificate: makeCertificate(t.testdir()) }],
]

t.test('nothing is connected before the first request', async t => {
  const { server, made, closings } = await open(t)
  t.notOk(made.isOpen())
  t.equal(made.arrived(), 0)
  made.destroy()
  t.equal(server.connections, 0)
  t.equal(closings(), 0)
})

t.test('a connection tells of every byte that the server sent, once', async t => {
  for (const [kind, options] of await kinds(t)) {
    const { server, made } = await open(t, { ...options, answer: socket => socket.write(ok) })
    let arrived = 0
    for (let request = 0; request < 3; request++) {
      t.equal(await get(made), 200)
      arrived += made.arrived()
    }
    t.equal(server.connections, 1)
    t.equal(arrived, server.sentBytes, kind)
    t.ok(kind === 'TLS' || arrived === 3 * ok.length)
    t.equal(made.arrived(), 0)
  }
})

t.test('what had arrived is still told of after the end', async t => {
  for (const [kind, options] of await kinds(t)) {
    const { server, made, closings } = await open(t, {
      ...options,
      answer: socket => socket.end(ok.slice(0, -2)),
    })
    t.match(await get(made), { code: 'UND_ERR_SOCKET' })
    await server.deserted()
    t.equal(made.arrived(), server.sentBytes, kind)
    t.notOk(made.isOpen())
    t.equal(closings(), 1)
  }
})

t.test('an end in good order is told from a reset', async t => {
  for (const [kind, options] of await kinds(t)) {
    const fin = await open(t, { ...options, answer: socket => socket.end() })
    t.match(await get(fin.made), { code: 'UND_ERR_SOCKET' }, kind)
    t.ok(fin.made.hasEnded())
    t.equal(fin.made.failure(), undefined)

    const reset = await open(t, { ...options, answer: (_socket, _count, raw) => raw.resetAndDestroy() })
    t.match(await get(reset.made), { code: 'ECONNRESET' }, kind)
    t.notOk(reset.made.hasEnded())
    t.match(reset.made.failure(), { code: 'ECONNRESET' })
  }
})

t.test('a reset that comes at once with the last data is told from an end', async t => {
  for (const [kind, options] of await kinds(t)) {
    const { made } = await open(t, {
      ...options,
      answer(socket, _count, raw) {
        socket.write('HTTP/1.1 200 OK\r\n\r\nhello')
        raw.resetAndDestroy()
      },
    })
    await get(made)
    t.match(made.failure(), { code: 'ECONNRESET' }, kind)
    t.notOk(made.hasEnded())
  }
})

t.test('a connection is made once: what is asked of it after its end fails', async t => {
  const { server, made } = await open(t, {
    answer: socket => socket.end(`${ok.replace('OK', 'OK\r\nConnection: close')}`),
  })
  t.equal(await get(made), 200)
  await server.deserted()
  t.match(await get(made), { code: 'ERR_NETWORK' })
  t.equal(server.connections, 1)
})

t.test('what keeps a connection from being made is told', async t => {
  const certificate = makeCertificate(t.testdir())
  const secure = buildConnector({ timeout: 0 })
  const cases: [string, string, object, ConnectionOptions['lookup']?][] = [
    ['a port that nobody listens on', 'http://127.0.0.1:1', { code: 'ECONNREFUSED' }],
    ['a port that nobody can listen on', 'http://127.0.0.1:0', { port: undefined }],
    ['the same with TLS', 'https://127.0.0.1:1', { code: 'ECONNREFUSED' }],
    [
      'a name that is refused',
      'http://a.example',
      { code: 'REFUSED' },
      (_host, _options, callback) => callback(Object.assign(new Error(), { code: 'REFUSED' }), '', 4),
    ],
    [
      'an unknown authority',
      (await startRawServer(t, { certificate })).url,
      { code: 'ERR_TLS', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
    ],
  ]
  for (const [name, url, error, lookup] of cases) {
    const made = connection(url, { secure, lookup, onClose: () => {} })
    t.match(await get(made), error, name)
    made.destroy()
  }
  const server = await startRawServer(t)
  const made = connection(server.url.replace('http:', 'https:'), {
    secure: (_options, callback) => callback(Object.assign(new Error(), { code: 'UNSPECIFIED' }), null),
    onClose: () => {},
  })
  t.match(await get(made), { code: 'ERR_TLS' }, 'a certificate that is refused for a reason without a name')
  made.destroy()
})

t.test('destroying a connection closes its socket, however far it has come', async t => {
  for (const [kind, options] of await kinds(t)) {
    const idle = await open(t, { ...options, answer: socket => socket.write(ok) })
    t.equal(await get(idle.made), 200)
    idle.made.destroy()
    await idle.server.deserted()
    t.notOk(idle.made.isOpen(), kind)
  }
  // A TLS server that never says hello: the connection is not made, but its socket is.
  let greeted = () => {}
  const greeting = new Promise<void>(resolve => {
    greeted = resolve
  })
  const server = await startRawServer(t, { greet: raw => raw.once('data', greeted) })
  const made = connection(server.url.replace('http:', 'https:'), {
    secure: buildConnector({ timeout: 0 }),
    onClose: () => {},
  })
  const asked = get(made)
  await greeting
  made.destroy()
  t.match(await asked, Error)
  await server.deserted()
})

t.test('a socket that the origin closes while it is idle is not open any more', async t => {
  let end = () => {}
  const { made, closings } = await open(t, {
    answer(socket) {
      socket.write(ok)
      end = () => socket.end()
    },
  })
  t.equal(await get(made), 200)
  t.ok(made.isOpen())
  const disconnected = once(made.client, 'disconnect')
  end()
  await disconnected
  t.notOk(made.isOpen())
  t.equal(closings(), 1)
})

t.test('a prepared connection is made before the first request, which goes over it', async t => {
  for (const [kind, options] of await kinds(t)) {
    let greeted = () => {}
    const greeting = new Promise<void>(resolve => {
      greeted = resolve
    })
    const { server, made } = await open(t, {
      ...options,
      greet: greeted,
      answer: socket => socket.write(ok),
    })
    made.prepare()
    made.prepare()
    t.ok(made.isOpen(), kind)
    await greeting
    await setImmediate()
    t.equal(await get(made), 200)
    t.equal(await get(made), 200)
    t.equal(server.connections, 1)
  }
})

t.test('what became of a prepared connection meanwhile the first request is told', async t => {
  for (const protocol of ['http', 'https']) {
    let close = () => {}
    const closed = new Promise<void>(resolve => {
      close = resolve
    })
    const made = connection(`${protocol}://127.0.0.1:1`, {
      secure: buildConnector({ timeout: 0 }),
      onClose: close,
    })
    made.prepare()
    await closed
    t.notOk(made.isOpen(), protocol)
    t.match(await get(made), { code: 'ECONNREFUSED' })
    made.destroy()
  }
})

t.test('where reading paces a body, little is read at a time', async t => {
  const body = randomBytes(1_000_000)
  for (const [kind, options] of await kinds(t)) {
    const { made } = await open(t, {
      ...options,
      readBytes: 8192,
      answer: socket =>
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`) && socket.write(body),
    })
    const chunks: Buffer[] = []
    made.begin(() => {})
    await new Promise<void>((resolve, reject) =>
      made.client.dispatch(
        { method: 'GET', path: '/' },
        {
          onRequestStart() {},
          onResponseStart: made.head,
          onResponseData: (_controller, chunk) => void chunks.push(Buffer.from(chunk)),
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        },
      ),
    )
    t.ok(Buffer.concat(chunks).equals(body), `${kind}: all of it, in order`)
    t.ok(Math.max(...chunks.map(({ length }) => length)) <= 16 * 1024, kind)
  }
})
