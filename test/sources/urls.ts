import t from 'tap'
import { everySplit, type Reading, readChunks } from '../../fixtures/read-manifest.js'
import { urlsReader } from '../../lib/sources/urls.js'

const read = (...chunks: (string | Uint8Array)[]): Reading =>
  readChunks(emit => urlsReader({ start: { offset: 0, line: 1 }, emit }), chunks)

t.test('every line is a URL, without the blanks around it', async t => {
  t.strictSame(read('http://a/1\r\n  http://a/2\t\nhttp://a/x y#z').rows, [
    'http://a/1',
    'http://a/2',
    'http://a/x y#z',
  ])
})

t.test('comments and blank lines are skipped', async t => {
  t.strictSame(read('# one\n\n  # two\nhttp://a\n#').rows, ['http://a'])
})

t.test('a line that is not UTF-8 is a broken row, never another URL', async t => {
  t.strictSame(read(Buffer.from('http://a/\xe9\nhttp://b', 'latin1')).rows, [
    '! line 1 is not valid UTF-8',
    'http://b',
  ])
})

t.test('chunk borders change nothing', async t => {
  const bytes = Buffer.from('#é\r\n http://é/日 \r\n\nhttp://b')
  for (const chunks of everySplit(bytes)) t.strictSame(read(...chunks).rows, ['http://é/日', 'http://b'])
})
