import t from 'tap'
import { parseEntry } from '../lib/entry.js'

t.test('a row is a URL or an object with one', t => {
  t.match(parseEntry('https://h/a', 3), {
    index: 3,
    url: 'https://h/a',
    assetUrl: { href: 'https://h/a' },
    extra: {},
  })
  const base64 = Buffer.alloc(32, 'a').toString('base64')
  const row = {
    url: ' HTTP://H/a b ',
    path: 'a',
    size: 0,
    etag: '"e"',
    lastModified: 'now',
    integrity: `sha256-${base64}`,
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
    integrity: { algorithm: 'sha256', base64 },
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
    { url: 'https://h/', integrity: 'sha256-AAAA' },
    { url: 'https://h/', headers: 'a: b' },
    { url: 'https://h/', headers: ['a: b'] },
    { url: 'https://h/', headers: { Range: 'bytes=0-' } },
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

t.test('an outcome fed back is an entry that has forgotten how it ended', t => {
  const outcome = JSON.parse(
    '{"index":9,"url":"https://h/a","path":"a","status":"failed","reason":"r","by":"b","of":1,"bytes":1,"received":1,"etag":"e","lastModified":"l","type":"t","digest":"d","attempts":1,"ms":1,"error":{},"verified":false,"encoding":"gzip","row":"r","sku":1,"__proto__":{"a":1}}',
  )
  const entry = parseEntry(outcome, 0)
  t.same(Object.keys(entry.extra).sort(), ['__proto__', 'row', 'sku'])
  t.equal(entry.index, 0)
  t.equal(Object.getPrototypeOf(entry.extra), Object.prototype)
  t.end()
})
