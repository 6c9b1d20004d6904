import fc from 'fast-check'
import t from 'tap'
import { BrokenRow, badRow, isBadRow, parseEntry, parseHeaders, toEntry } from '../lib/entry.js'
import { SyncError } from '../lib/errors.js'
import { isOutcome } from '../lib/outcome.js'

const sha = (letter: string, algorithm = 'sha256', bytes = 32) =>
  `${algorithm}-${Buffer.alloc(bytes, letter).toString('base64')}`

t.test('a row is a URL or an object with one', t => {
  t.match(parseEntry('https://h/a', 3), {
    index: 3,
    url: 'https://h/a',
    assetUrl: { href: 'https://h/a' },
    extra: {},
  })
  const row = {
    url: ' HTTP://H/a b ',
    path: 'a',
    size: 0,
    etag: '"e"',
    lastModified: 'now',
    integrity: sha('a'),
    headers: { Accept: 'image/png' },
    sku: 'A1',
  }
  t.match(parseEntry(row, 0), {
    url: ' HTTP://H/a b ',
    assetUrl: { href: 'http://h/a%20b' },
    path: 'a',
    size: 0,
    etag: '"e"',
    lastModified: 'now',
    integrity: { algorithm: 'sha256' },
    headers: { Accept: 'image/png' },
    extra: { size: 0, integrity: row.integrity, headers: row.headers, sku: 'A1' },
  })
  t.end()
})

t.test('null is as good as nothing', t => {
  const row = {
    url: 'https://h/',
    path: null,
    size: null,
    etag: null,
    lastModified: null,
    integrity: null,
    headers: null,
  }
  t.same(Object.keys(parseEntry(row, 0)), ['index', 'url', 'assetUrl', 'extra'])
  t.end()
})

t.test('a row that is no wish is refused', t => {
  const rows: unknown[] = [
    null,
    undefined,
    1,
    10n,
    true,
    [],
    ['https://h/'],
    {},
    { url: null },
    { url: 1 },
    { url: 'https://h/', path: 1 },
    { url: 'https://h/', size: -1 },
    { url: 'https://h/', size: 1.5 },
    { url: 'https://h/', size: '1' },
    { url: 'https://h/', size: 2 ** 53 },
    { url: 'https://h/', size: 10n },
    { url: 'https://h/', etag: 1 },
    { url: 'https://h/', lastModified: 1 },
    { url: 'https://h/', integrity: 1 },
    { url: 'https://h/', headers: 'a: b' },
    { url: 'https://h/', headers: ['a: b'] },
    '',
    'h',
    '/a',
    '//h/a',
    'https:',
    'https://',
    'https:h/a',
    'https:/h/a',
    'https:\\\\h/a',
    'https://h:65536/',
    'https://h h/',
    'https://h/\na',
    'https://h/\u0000',
    'https://h/\ud800',
  ]
  for (const row of rows)
    t.throws(() => parseEntry(row, 0), { code: 'ERR_ENTRY_INVALID', scope: 'entry' }, String(row))
  for (const url of ['file:///etc/passwd', 'ftp://h/a', 'data:,a', 'javascript:1', 'c:/a'])
    t.throws(() => parseEntry(url, 0), { code: 'ERR_URL_SCHEME', scope: 'entry' }, url)
  t.end()
})

t.test('of several hashes the strongest is demanded, and one that cannot be checked is refused', t => {
  const algorithmOf = (integrity: string) =>
    parseEntry({ url: 'https://h/', integrity }, 0).integrity?.algorithm
  t.equal(algorithmOf(sha('a')), 'sha256')
  t.equal(algorithmOf(sha('a', 'md5', 16)), 'md5')
  t.equal(algorithmOf(`${sha('a', 'md5', 16)} ${sha('a', 'sha512', 64)}  ${sha('a')}`), 'sha512')
  t.equal(algorithmOf(sha('a').replace('=', '')), 'sha256', 'padding may be missing')
  for (const integrity of [
    '',
    'sha256-',
    'sha256-AAAA',
    sha('a', 'sha384', 48),
    sha('a', 'md5'),
    'a',
    `${sha('a')} a`,
    sha('a', 'SHA256'),
  ])
    t.throws(() => algorithmOf(integrity), { code: 'ERR_ENTRY_INVALID' }, integrity)
  t.end()
})

t.test(
  'headers that cannot be sent, or that sluice decides about, are refused without telling their values',
  t => {
    t.same(parseHeaders({ 'X-Key': 'a\tb \u00e9' }), { 'X-Key': 'a\tb \u00e9' })
    const cases: unknown[] = [
      'Authorization: secret',
      ['secret'],
      null,
      { 'X-Key': 'secret\r\nHost: h' },
      { 'X-Key': 'secret\u0000' },
      { 'X-Key': 'secret\u0100' },
      { 'X-Key': ['secret'] },
      { '': 'secret' },
      { 'X Key': 'secret' },
      { 'X-Key: secret': '' },
      { 'X-Key\nsecret': '' },
      { Range: 'secret' },
      { HOST: 'secret' },
      { 'transfer-encoding': 'secret' },
      { 'If-None-Match': 'secret' },
    ]
    for (const headers of cases)
      try {
        parseHeaders(headers)
        t.fail(JSON.stringify(headers))
      } catch (error) {
        t.match(error, { code: 'ERR_ENTRY_INVALID' })
        t.notMatch((error as Error).message, /secret/)
      }
    t.end()
  },
)

t.test('an outcome fed back is an entry that has forgotten how it ended', t => {
  const outcome = JSON.parse(
    '{"index":9,"url":"https://h/a","path":"a","status":"failed","reason":"r","by":"b","of":1,"bytes":1,"received":1,"etag":"e","lastModified":"l","type":"t","digest":"d","attempts":1,"ms":1,"error":{},"verified":false,"encoding":"gzip","row":"r","sku":1,"__proto__":{"a":1}}',
  )
  const entry = parseEntry(outcome, 0)
  t.same(Object.keys(entry.extra).sort(), ['__proto__', 'sku'])
  t.equal(entry.index, 0)
  t.equal(Object.getPrototypeOf(entry.extra), Object.prototype)
  t.end()
})

t.test('a bad row comes back as the reason, with as much of it as can be repeated', t => {
  const long = 'x'.repeat(1000)
  t.match(toEntry(long, 1), {
    index: 1,
    extra: { row: 'x'.repeat(200) },
    error: { code: 'ERR_ENTRY_INVALID' },
  })
  t.match(toEntry({ url: 'ftp://h/', path: 'p', sku: 1, status: 'stored' }, 2), {
    index: 2,
    extra: { url: 'ftp://h/', path: 'p', sku: 1, status: undefined },
    error: { code: 'ERR_URL_SCHEME' },
  })
  t.match(toEntry([1], 3), { extra: { row: '[1]' } })
  t.match(toEntry(undefined, 3), { extra: { row: 'nothing' } })
  const error = new SyncError('ERR_ENTRY_INVALID', 'not JSON')
  t.same(toEntry(new BrokenRow('{', error), 4), { index: 4, extra: { row: '{' }, error })
  t.match(toEntry('https://h/', 5), { index: 5, url: 'https://h/' })
  t.end()
})

t.test('a bug is not taken for a bad row', t => {
  const row = {
    get url(): string {
      throw new TypeError('bug')
    },
  }
  t.throws(() => toEntry(row, 0), TypeError)
  t.end()
})

t.test('messages stay short', t => {
  const row = toEntry('x'.repeat(1e6), 0)
  t.ok(isBadRow(row) && row.error.message.length < 200)
  t.end()
})

t.test('every row is an entry or a bad row, never both', t => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything({ withBigInt: true }),
        fc.webUrl(),
        fc.record({ url: fc.webUrl(), size: fc.anything() }),
      ),
      row => {
        const item = toEntry(row, 0)
        return isBadRow(item) ? !('assetUrl' in item) : item.assetUrl instanceof URL && !isOutcome(item)
      },
    ),
    { numRuns: 500 },
  )
  t.equal(isBadRow(badRow('x', 0, new SyncError('ERR_ENTRY_INVALID', ''))), true)
  t.equal(isBadRow({ status: 'failed', error: {} }), false)
  t.end()
})
