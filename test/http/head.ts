import t from 'tap'
import { contentLength, hasBody, isDelimited, toHead } from '../../lib/http/head.js'

t.test('a header that came once is as it came, and lists are joined', t => {
  const { status, headers } = toHead(200, {
    etag: '"a"',
    'content-encoding': ['gzip', 'br'],
    'transfer-encoding': ['gzip', 'chunked'],
    absent: undefined,
  })
  t.equal(status, 200)
  t.strictSame(headers, { etag: '"a"', 'content-encoding': 'gzip, br', 'transfer-encoding': 'gzip, chunked' })
  t.end()
})

t.test('a header that contradicts itself counts as not sent', t => {
  for (const name of ['etag', 'last-modified', 'content-type', 'content-range', 'location', 'retry-after'])
    t.strictSame(toHead(200, { [name]: ['1', '2'] }).headers, {}, name)
  t.end()
})

t.test('a Content-Length is a number, and none is no number', t => {
  t.equal(contentLength(toHead(200, { 'content-length': '0' })), 0)
  t.equal(contentLength(toHead(200, { 'content-length': '1234567890123' })), 1_234_567_890_123)
  t.ok(Number.isNaN(contentLength(toHead(200, {}))))
  t.end()
})

t.test('a body is delimited by its length, by chunking or by not being there', t => {
  const cases: [string, string, number, Record<string, string>, { body: boolean; delimited: boolean }][] = [
    ['a length', 'GET', 200, { 'content-length': '5' }, { body: true, delimited: true }],
    ['chunks', 'GET', 200, { 'transfer-encoding': 'chunked' }, { body: true, delimited: true }],
    ['chunks last', 'GET', 200, { 'transfer-encoding': 'gzip, Chunked ' }, { body: true, delimited: true }],
    ['chunks first', 'GET', 200, { 'transfer-encoding': 'chunked, gzip' }, { body: true, delimited: false }],
    ['nothing', 'GET', 200, {}, { body: true, delimited: false }],
    ['HEAD', 'HEAD', 200, {}, { body: false, delimited: true }],
    ['204', 'GET', 204, {}, { body: false, delimited: true }],
    ['304', 'GET', 304, { 'content-length': '5' }, { body: false, delimited: true }],
    ['an error page', 'GET', 404, {}, { body: true, delimited: false }],
  ]
  for (const [name, method, status, headers, { body, delimited }] of cases) {
    t.equal(hasBody(toHead(status, headers), method), body, `body: ${name}`)
    t.equal(isDelimited(toHead(status, headers), method), delimited, `delimited: ${name}`)
  }
  t.end()
})
