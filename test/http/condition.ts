import t from 'tap'
import { type LocalFile, type NamedEntry, parseEntry } from '../../lib/entry.js'
import { conditionOf, hasCondition } from '../../lib/http/condition.js'

const mtimeMs = Date.UTC(2015, 9, 21, 7, 28)
const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT'
const known = { urlKey: 'k', wireBytes: 5, bytes: 5, mtimeMs }

t.test('what is no ETag by its form is not sent', t => {
  const local = { bytes: 1, mtimeMs: 0, stale: false, known: { urlKey: 'k', wireBytes: 1, bytes: 1 } }
  for (const [etag, sent] of [
    ['"a"', '"a"'],
    ['W/"a"', 'W/"a"'],
    ['a', undefined],
    ['W/a', undefined],
  ] as const) {
    const entry = { local: { ...local, known: { ...local.known, etag } } } as unknown as NamedEntry
    t.equal(conditionOf(entry)['if-none-match'], sent, etag)
  }
  t.end()
})

t.test('a file is asked about by what is known of it', t => {
  const cases: [string, LocalFile | undefined, Record<string, string>][] = [
    ['no file', undefined, {}],
    ['a stale file', { bytes: 5, mtimeMs, stale: true, known: { ...known, etag: '"a"' } }, {}],
    ['a file without index', { bytes: 5, mtimeMs, stale: false }, {}],
    [
      'a date that is none',
      { bytes: 5, mtimeMs, stale: false, known: { ...known, lastModified: 'never' } },
      {},
    ],
    ['nothing known', { bytes: 5, mtimeMs, stale: false, known }, {}],
    [
      'both validators',
      { bytes: 5, mtimeMs, stale: false, known: { ...known, etag: 'W/"a"', lastModified } },
      { 'if-none-match': 'W/"a"', 'if-modified-since': lastModified },
    ],
  ]
  for (const [name, local, condition] of cases) {
    const entry: NamedEntry = {
      ...parseEntry('http://a.example/a', 0),
      path: 'a',
      urlKey: 'k',
      ...(local && { local }),
    }
    t.strictSame(conditionOf(entry), condition, name)
    t.equal(hasCondition(entry), Object.keys(condition).length > 0, name)
  }
  t.end()
})
