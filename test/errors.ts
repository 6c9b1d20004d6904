import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { createServer, connect as tcpConnect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { SyncError, scopeOf, wrap } from '../lib/errors.js'

const foreign = (facts: object) => Object.assign(new Error('foreign'), facts)

t.test('an error says what happened and how much it takes down', t => {
  const cause = new Error('cause')
  const error = new SyncError('ERR_HTTP_STATUS', 'the origin answered 503', {
    cause,
    scope: 'attempt',
    statusCode: 503,
    retryAfterMs: 1000,
    retryAt: '2026-06-01T00:00:00.000Z',
    offset: 7,
  })
  t.match(error, {
    name: 'SyncError',
    code: 'ERR_HTTP_STATUS',
    scope: 'attempt',
    retryable: true,
    statusCode: 503,
    retryAfterMs: 1000,
    retryAt: '2026-06-01T00:00:00.000Z',
    offset: 7,
    cause,
  })
  t.match(new SyncError('ERR_HTTP_STATUS', 'the origin answered 404'), { scope: 'entry', retryable: false })
  t.notOk('cause' in new SyncError('ERR_TYPE', 'no cause'))
  t.end()
})

t.test('whatever is not ours is a bug and ends the run', t => {
  t.equal(scopeOf(new SyncError('ERR_NETWORK', '')), 'attempt')
  t.equal(scopeOf(new SyncError('ERR_PATH_ESCAPE', '')), 'entry')
  t.equal(scopeOf(new SyncError('ERR_DESTINATION', '')), 'run')
  for (const error of [new Error('bug'), new TypeError('bug'), 'bug', undefined, null])
    t.equal(scopeOf(error), 'run')
  t.end()
})

t.test('foreign errors become ours by their code', t => {
  const cases: [object, object][] = [
    [
      { code: 'ENOSPC', syscall: 'write' },
      { code: 'ERR_DESTINATION', scope: 'run' },
    ],
    [
      { code: 'EROFS', syscall: 'open' },
      { code: 'ERR_DESTINATION', scope: 'run' },
    ],
    [
      { code: 'EISDIR', syscall: 'rename' },
      { code: 'ERR_DESTINATION', scope: 'entry' },
    ],
    [
      { code: 'EMFILE', syscall: 'open' },
      { code: 'ERR_DESTINATION', scope: 'attempt' },
    ],
    [
      { code: 'ECONNRESET', syscall: 'read' },
      { code: 'ERR_NETWORK', scope: 'attempt' },
    ],
    [
      { code: 'EACCES', syscall: 'connect' },
      { code: 'ERR_NETWORK', scope: 'attempt' },
    ],
    [
      { code: 'EPERM', syscall: 'connect' },
      { code: 'ERR_NETWORK', scope: 'attempt' },
    ],
    [
      { code: 'EAI_MEMORY', syscall: 'getaddrinfo' },
      { code: 'ERR_DNS', scope: 'attempt' },
    ],
    [
      { code: 'EAI_AGAIN', syscall: 'getaddrinfo' },
      { code: 'ERR_DNS', scope: 'attempt' },
    ],
    [{ code: 'UND_ERR_SOCKET' }, { code: 'ERR_NETWORK', scope: 'attempt' }],
    [{ code: 'UND_ERR_HEADERS_TIMEOUT' }, { code: 'ERR_TIMEOUT', scope: 'attempt' }],
    [{ code: 'UND_ERR_BODY_TIMEOUT' }, { code: 'ERR_STALLED', scope: 'attempt' }],
    [{ code: 'HPE_INVALID_CONSTANT' }, { code: 'ERR_HTTP_PROTOCOL', scope: 'attempt' }],
    [{ code: 'CERT_HAS_EXPIRED' }, { code: 'ERR_TLS', scope: 'entry' }],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, { code: 'ERR_TLS', scope: 'entry' }],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, { code: 'ERR_TLS', scope: 'entry' }],
    [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, { code: 'ERR_TLS', scope: 'entry' }],
    [{ code: 'ENEW' }, { code: 'ERR_INTERNAL', scope: 'run', message: 'foreign' }],
    [{}, { code: 'ERR_INTERNAL', scope: 'run', message: 'foreign' }],
  ]
  for (const [facts, ours] of cases) {
    const error = foreign(facts)
    t.match(wrap(error), { ...ours, cause: error }, JSON.stringify(facts))
  }
  t.end()
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
