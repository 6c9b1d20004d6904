import t from 'tap'
import { everySplit, type Reading, readChunks } from '../../fixtures/read-manifest.js'
import { tsvReader } from '../../lib/sources/tsv.js'

const read = (...chunks: (string | Uint8Array)[]): Reading =>
  readChunks(emit => tsvReader({ start: { offset: 3, line: 2 }, emit }), chunks)

t.test('a line is a URL with the size and the MD5 that are known', async t => {
  const text =
    'TsvHttpData-1.0\r\nhttp://a\t5\tXUFAKrxLKna5cZ2REBfFkg==\r\nhttp://b\t7\nhttp://c\t\tAAAA\n\nhttp://d'
  const rows = [
    { url: 'http://a', size: 5, integrity: 'md5-XUFAKrxLKna5cZ2REBfFkg==' },
    { url: 'http://b', size: 7 },
    { url: 'http://c', integrity: 'md5-AAAA' },
    { url: 'http://d' },
  ]
  t.strictSame(read(text).rows, rows)
  for (const chunks of everySplit(Buffer.from(text))) t.strictSame(read(...chunks).rows, rows)
})

t.test('a size that is not a number and a field too many are broken rows', async t => {
  t.strictSame(read('TsvHttpData-1.0\nhttp://a\t-5\nhttp://b\t1e3\nhttp://c\t1\tx\ty\nhttp://d').rows, [
    '! line 3 has a size that is not a number',
    '! line 4 has a size that is not a number',
    '! line 5 has more than a URL, a size and an MD5',
    { url: 'http://d' },
  ])
})

t.test('without its header a list is no manifest', async t => {
  t.match(read('http://a\t5\n'), { rows: [], fault: /TsvHttpData-1\.0/, offset: 3 })
  t.match(read('TsvHttpData-2.0\nhttp://a'), { rows: [], fault: /TsvHttpData-1\.0/, offset: 3 })
})
