import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { createServer, connect as tcpConnect } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { type Code, type Scope, SyncError } from '../lib/errors.js'
import { isOfSystem, wrap, wrapHandshake } from '../lib/wrap.js'

const foreign = (facts: object) => Object.assign(new Error('foreign'), facts)

const byCode: [facts: { code?: string; syscall?: string }, ours: Code, scope: Scope][] = [
  [{ code: 'ENOSPC', syscall: 'write' }, 'ERR_DESTINATION', 'run'],
  [{ code: 'EDQUOT', syscall: 'write' }, 'ERR_DESTINATION', 'run'],
  [{ code: 'EROFS', syscall: 'open' }, 'ERR_DESTINATION', 'run'],
  [{ code: 'EIO', syscall: 'read' }, 'ERR_DESTINATION', 'run'],
  [{ code: 'LEVEL_IO_ERROR' }, 'ERR_DESTINATION', 'run'],
  [{ code: 'LEVEL_CORRUPTION' }, 'ERR_DESTINATION', 'run'],
  [{ code: 'EISDIR', syscall: 'rename' }, 'ERR_DESTINATION', 'entry'],
  [{ code: 'EMFILE', syscall: 'open' }, 'ERR_DESTINATION', 'attempt'],
  [{ code: 'ENFILE', syscall: 'open' }, 'ERR_DESTINATION', 'attempt'],
  [{ code: 'ECONNRESET', syscall: 'read' }, 'ERR_NETWORK', 'attempt'],
  [{ code: 'EACCES', syscall: 'connect' }, 'ERR_NETWORK', 'attempt'],
  [{ code: 'EPERM', syscall: 'connect' }, 'ERR_NETWORK', 'attempt'],
  [{ code: 'UND_ERR_SOCKET' }, 'ERR_NETWORK', 'attempt'],
  [{ code: 'EAI_AGAIN', syscall: 'getaddrinfo' }, 'ERR_DNS', 'attempt'],
  [{ code: 'EAI_MEMORY', syscall: 'getaddrinfo' }, 'ERR_DNS', 'attempt'],
  [{ code: 'UND_ERR_CONNECT_TIMEOUT' }, 'ERR_TIMEOUT', 'attempt'],
  [{ code: 'UND_ERR_HEADERS_TIMEOUT' }, 'ERR_TIMEOUT', 'attempt'],
  [{ code: 'UND_ERR_BODY_TIMEOUT' }, 'ERR_STALLED', 'attempt'],
  [{ code: 'UND_ERR_HEADERS_OVERFLOW' }, 'ERR_HTTP_PROTOCOL', 'attempt'],
  [{ code: 'HPE_INVALID_CONSTANT' }, 'ERR_HTTP_PROTOCOL', 'attempt'],
  [{ code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' }, 'ERR_BODY_SHORT', 'attempt'],
  [{ code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' }, 'ERR_TOO_LARGE', 'entry'],
  [{ code: 'EPROTO', syscall: 'write' }, 'ERR_TLS', 'entry'],
  [{ code: 'CERT_HAS_EXPIRED' }, 'ERR_TLS', 'entry'],
  [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'ERR_TLS', 'entry'],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'ERR_TLS', 'entry'],
  [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'ERR_TLS', 'entry'],
  [{ code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }, 'ERR_TLS', 'attempt'],
  [{ code: 'ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC' }, 'ERR_TLS', 'attempt'],
  [{ code: 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING' }, 'ERR_TLS', 'attempt'],
]

t.test('foreign errors become ours by their code, which the message repeats', async t => {
  for (const [facts, code, scope] of byCode) {
    const error = foreign(facts)
    t.match(
      wrap(error),
      { code, scope, cause: error, message: new RegExp(`\\(${facts.code}\\)$`) },
      JSON.stringify(facts),
    )
  }
})

t.test('of a host with several addresses the first error counts', async t => {
  for (const code of ['EPERM', 'ENOBUFS', 'ECONNREFUSED']) {
    const error = new AggregateError([
      foreign({ code, syscall: 'connect' }),
      foreign({ code: 'EAFNOSUPPORT', syscall: 'connect' }),
    ])
    t.match(wrap(error), { code: 'ERR_NETWORK', scope: 'attempt', cause: error }, code)
    t.ok(isOfSystem(error))
  }
  t.match(wrap(new AggregateError([], 'none')), { code: 'ERR_INTERNAL' })
})

t.test('whatever a handshake fails with is a matter of TLS, if it is of nothing else', async t => {
  for (const code of ['UNSPECIFIED', 'PATH_LENGTH_EXCEEDED', 'CRL_HAS_EXPIRED', 'CERT_HAS_EXPIRED'])
    t.match(wrapHandshake(foreign({ code })), { code: 'ERR_TLS', scope: 'entry' }, code)
  t.match(wrapHandshake(foreign({ code: 'ECONNRESET', syscall: 'read' })), { code: 'ERR_NETWORK' })
})

t.test('an error that nobody knows is a bug, with its own message', async t => {
  for (const error of [foreign({ code: 'ENEW' }), foreign({ code: 7 }), foreign({})])
    t.match(wrap(error), { code: 'ERR_INTERNAL', scope: 'run', message: 'foreign', cause: error })
})

t.test('a host name that does not exist is looked up once more at most', async t => {
  t.match(wrap(foreign({ code: 'ENOTFOUND' })), { code: 'ERR_DNS', once: true })
  t.match(wrap(foreign({ code: 'EAI_AGAIN' })), { code: 'ERR_DNS', once: undefined })
})

t.test('ours stay as they are', t => {
  const error = new SyncError('ERR_TYPE', 'text/html')
  t.equal(wrap(error), error)
  t.end()
})

t.test('what is no Error at all is a bug with its text', t => {
  t.match(wrap('thrown'), { code: 'ERR_INTERNAL', message: 'thrown', cause: 'thrown' })
  t.match(wrap(undefined), { code: 'ERR_INTERNAL', message: 'undefined' })
  t.end()
})

t.test('an aborted signal is no bug, though the code of its reason is a number', async t => {
  t.match(wrap(AbortSignal.abort().reason), { code: 'ERR_ABORTED', scope: 'entry' })
  t.match(wrap(new DOMException('too late', 'TimeoutError')), { code: 'ERR_TIMEOUT' })
  const byNode = await readFile('any', { signal: AbortSignal.abort() }).catch(error => error)
  t.match(wrap(byNode), { code: 'ERR_ABORTED' })
})

t.test('real errors of disk, network and name service are known', async t => {
  const missing = await readFile(join(t.testdir(), 'missing')).catch(error => error)
  t.match(wrap(missing), { code: 'ERR_DESTINATION', scope: 'entry', message: /open \(ENOENT\)/ })
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  const port = typeof address === 'object' && address ? address.port : 0
  const refused = await new Promise(resolve => tcpConnect(port, '127.0.0.1').once('error', resolve))
  t.match(wrap(refused), { code: 'ERR_NETWORK', message: /refused/ })
  const unresolved = await lookup('no-such-host.invalid').catch(error => error)
  t.match(wrap(unresolved), { code: 'ERR_DNS', scope: 'attempt' })
})

t.test('a body that is cut off is tried again, as is one that its encoding does not fit', async t => {
  const gzip = gzipSync('body')
  const brotli = brotliCompressSync('body')
  const cases: [title: string, decode: () => Buffer, code: Code][] = [
    ['gzip, cut off', () => gunzipSync(gzip.subarray(0, -1)), 'ERR_BODY_SHORT'],
    ['brotli, cut off', () => brotliDecompressSync(brotli.subarray(0, -1)), 'ERR_BODY_SHORT'],
    ['no gzip', () => gunzipSync('body'), 'ERR_ENCODING'],
    ['no brotli', () => brotliDecompressSync(Buffer.alloc(9, 0xff)), 'ERR_ENCODING'],
  ]
  for (const [title, decode, code] of cases)
    try {
      decode()
      t.fail(title)
    } catch (error) {
      t.match(wrap(error), { code, scope: 'attempt', cause: error }, title)
    }
})
