import t from 'tap'
import { type LocalFile, parseEntry, type StoredAsset } from '../../lib/entry.js'
import {
  type Freshness,
  freshness,
  isStrong,
  matchesManifest,
  type Validators,
} from '../../lib/http/freshness.js'

process.env['TZ'] = 'Asia/Tokyo'

const monday = 'Mon, 01 Jun 2026 08:00:00 GMT'
const tuesday = 'Tue, 02 Jun 2026 08:00:00 GMT'
const mtimeMs = Date.parse('2026-06-01T08:00:00Z')

/** A file of 200 bytes that came as 100. */
const indexed = (facts: Partial<StoredAsset> = {}): LocalFile => ({
  bytes: 200,
  mtimeMs,
  stale: false,
  known: { urlKey: 'k', wireBytes: 100, bytes: 200, mtimeMs, ...facts },
})
const unindexed: LocalFile = { bytes: 200, mtimeMs, stale: false }

const etag: Freshness = { state: 'fresh', by: 'etag' }
const modified: Freshness = { state: 'fresh', by: 'modified' }
const length: Freshness = { state: 'fresh', by: 'length' }
const stale: Freshness = { state: 'stale' }
const unknown: Freshness = { state: 'unknown' }

t.test('what an origin says of an asset decides in the order of how much it proves', t => {
  const cases: [string, LocalFile, Validators, Freshness][] = [
    [
      'strong ETags decide alone',
      indexed({ etag: '"a"', lastModified: monday }),
      { etag: '"a"', lastModified: tuesday, length: 1 },
      etag,
    ],
    [
      'strong ETags decide alone',
      indexed({ etag: '"a"', lastModified: monday }),
      { etag: '"b"', lastModified: monday, length: 100 },
      stale,
    ],
    ['ETags are compared to the letter', indexed({ etag: '"a"' }), { etag: '"A"' }, stale],
    [
      'Last-Modified decides with the length',
      indexed({ lastModified: monday }),
      { lastModified: monday, length: 100 },
      modified,
    ],
    [
      'Last-Modified decides without a length',
      indexed({ lastModified: monday }),
      { lastModified: monday },
      modified,
    ],
    [
      'another length outweighs Last-Modified',
      indexed({ lastModified: monday }),
      { lastModified: monday, length: 200 },
      stale,
    ],
    [
      'a later Last-Modified is another version',
      indexed({ lastModified: monday }),
      { lastModified: tuesday, length: 100 },
      stale,
    ],
    [
      'an earlier Last-Modified is another version',
      indexed({ lastModified: tuesday }),
      { lastModified: monday, length: 100 },
      stale,
    ],
    [
      'forms of the same date are the same',
      indexed({ lastModified: monday }),
      { lastModified: 'Monday, 01-Jun-26 08:00:00 GMT' },
      modified,
    ],
    [
      'what is no date is compared to the letter',
      indexed({ lastModified: 'x' }),
      { lastModified: 'x' },
      modified,
    ],
    ['two things that are no dates differ', indexed({ lastModified: 'x' }), { lastModified: 'y' }, stale],
    [
      'an ETag on one side only says nothing',
      indexed({ etag: '"a"', lastModified: monday }),
      { lastModified: monday },
      modified,
    ],
    [
      'a weak ETag stands back behind Last-Modified',
      indexed({ etag: 'W/"a"', lastModified: monday }),
      { etag: 'W/"b"', lastModified: monday },
      modified,
    ],
    [
      'a weak and a strong ETag stand back, too',
      indexed({ etag: '"a"', lastModified: monday }),
      { etag: 'W/"a"', lastModified: tuesday },
      stale,
    ],
    ['a weak ETag decides with the length', indexed({ etag: 'W/"a"' }), { etag: 'W/"a"', length: 100 }, etag],
    [
      'a weak ETag decides with the length',
      indexed({ etag: 'W/"a"' }),
      { etag: 'W/"a"', length: 101 },
      stale,
    ],
    ['a weak ETag decides without a length', indexed({ etag: 'W/"a"' }), { etag: 'W/"a"' }, etag],
    [
      'another weak ETag is another version',
      indexed({ etag: 'W/"a"' }),
      { etag: 'W/"b"', length: 100 },
      stale,
    ],
    ['comparison is weak where one side is', indexed({ etag: '"a"' }), { etag: 'W/"a"', length: 100 }, etag],
    ['an ETag without quotes counts as weak', indexed({ etag: 'a' }), { etag: 'a', length: 100 }, etag],
    ['an ETag without quotes counts as weak', indexed({ etag: 'a' }), { etag: 'a', length: 101 }, stale],
    ['the length is that on the wire', indexed(), { length: 100 }, length],
    ['the length is that on the wire', indexed(), { length: 200 }, stale],
    ['a length of nothing is a length', indexed({ wireBytes: 0 }), { length: 0 }, length],
    [
      'without anything to compare nothing is known',
      indexed({ etag: '"a"', lastModified: monday }),
      {},
      unknown,
    ],
    ['without a counterpart nothing is known', indexed({ etag: '"a"' }), { lastModified: monday }, unknown],
    [
      'without the index mtime is Last-Modified',
      unindexed,
      { lastModified: monday, etag: '"a"', length: 200 },
      modified,
    ],
    ['without the index the length is that on disk', unindexed, { lastModified: monday, length: 100 }, stale],
    [
      'mtime counts whole seconds',
      { ...unindexed, mtimeMs: mtimeMs + 999 },
      { lastModified: monday },
      modified,
    ],
    [
      'another second is another version',
      { ...unindexed, mtimeMs: mtimeMs + 1000 },
      { lastModified: monday },
      stale,
    ],
    [
      'without the index and Last-Modified the length decides',
      unindexed,
      { etag: '"a"', length: 200 },
      length,
    ],
    [
      'without the index and Last-Modified the length decides',
      unindexed,
      { etag: '"a"', length: 100 },
      stale,
    ],
    ['without the index an ETag alone says nothing', unindexed, { etag: '"a"' }, unknown],
    [
      'an mtime that is no date matches nothing',
      { ...unindexed, mtimeMs: Number.NaN },
      { lastModified: monday },
      stale,
    ],
    [
      'a file that was altered is never fresh',
      { ...indexed({ etag: '"a"' }), stale: true },
      { etag: '"a"', length: 100 },
      stale,
    ],
    ['a file that was altered is never fresh', { ...unindexed, stale: true }, {}, stale],
  ]
  for (const [title, local, found, result] of cases) t.same(freshness(local, found), result, title)
  t.end()
})

t.test('everything that an entry tells must hold for the file that stands', t => {
  const sha = (letter: string) => `sha256-${Buffer.alloc(32, letter).toString('base64')}`
  const local = indexed({ etag: '"a"', lastModified: monday, digest: sha('d') })
  const cases: [string, LocalFile, object, boolean | undefined][] = [
    ['nothing is told', local, {}, undefined],
    ['nothing is told of an altered file', { ...local, stale: true }, {}, undefined],
    ['everything holds', local, { etag: '"a"', size: 200, lastModified: monday, integrity: sha('d') }, true],
    ['one does not', local, { etag: '"b"', size: 200, lastModified: monday, integrity: sha('d') }, false],
    ['one does not', local, { etag: '"a"', size: 201, lastModified: monday, integrity: sha('d') }, false],
    ['one does not', local, { etag: '"a"', size: 200, lastModified: tuesday, integrity: sha('d') }, false],
    ['one does not', local, { etag: '"a"', size: 200, lastModified: monday, integrity: sha('e') }, false],
    ['the file was altered', { ...local, stale: true }, { size: 200 }, false],
    ['the size is that on disk', local, { size: 100 }, false],
    ['catalogs leave out quotes', local, { etag: 'a' }, true],
    ['catalogs say weak or do not', local, { etag: 'W/"a"' }, true],
    ['catalogs prefer ISO 8601', local, { lastModified: '2026-06-01T10:00:00.123+02:00' }, true],
    ['an hour off is another moment', local, { lastModified: '2026-06-01T10:00:00Z' }, false],
    ['a date without a zone is no moment', local, { lastModified: '2026-06-01T17:00:00' }, false],
    ['what is no date matches none', local, { lastModified: '1' }, false],
    [
      'a digest of another algorithm proves nothing',
      local,
      { integrity: `md5-${Buffer.alloc(16).toString('base64')}` },
      false,
    ],
    [
      'a digest that a former entry demanded is known',
      indexed({ integrity: sha('d') }),
      { integrity: sha('d') },
      true,
    ],
    ['an ETag that was never seen does not match', indexed(), { etag: '"a"' }, false],
    ['a date that was never seen does not match', indexed(), { lastModified: monday }, false],
    ['a digest that was never computed does not match', indexed(), { integrity: sha('d') }, false],
    ['without the index size and mtime tell', unindexed, { size: 200, lastModified: monday }, true],
    ['without the index no ETag is known', unindexed, { size: 200, etag: '"a"' }, false],
  ]
  for (const [title, local, hints, result] of cases)
    t.equal(matchesManifest(local, parseEntry({ url: 'https://h/a', ...hints }, 0)), result, title)
  t.end()
})

t.test('only an entity-tag without W/ is strong', t => {
  for (const tag of ['"a"', '""', '"a-gzip"', '"\u00e9"', '"W/"', '"\\"']) t.equal(isStrong(tag), true, tag)
  for (const tag of [
    undefined,
    '',
    'a',
    'W/"a"',
    'w/"a"',
    '"a',
    'a"',
    '"a"b"',
    '"a", "b"',
    '"a\u0000"',
    '"a b"',
    '"\ufffd"',
    "'a'",
  ])
    t.equal(isStrong(tag), false, String(tag))
  t.end()
})
