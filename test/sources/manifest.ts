import { createReadStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import t from 'tap'
import { arriving, everySplit, readable } from '../../fixtures/read-manifest.js'
import { isBadRow, toEntry } from '../../lib/bad-row.js'
import type { SyncError } from '../../lib/errors.js'
import { type ManifestOptions, manifest } from '../../lib/sources/manifest.js'

type Reading = { rows: unknown[]; batches: number; error?: SyncError }

const read = async (
  chunks: AsyncIterable<Uint8Array | string>,
  options: Partial<ManifestOptions> = {},
): Promise<Reading> => {
  const rows: unknown[] = []
  let batches = 0
  try {
    for await (const batch of manifest(chunks, { format: 'auto', ...options })) {
      batches++
      rows.push(...batch.map(readable))
    }
    return { rows, batches }
  } catch (error) {
    return { rows, batches, error: error as SyncError }
  }
}

const readText = (text: string, options?: Partial<ManifestOptions>): Promise<Reading> =>
  read(arriving([text]), options)

const fixture = (name: string): string =>
  new URL(`../../fixtures/manifests/${name}`, import.meta.url).pathname
const readFixture = (name: string, options?: Partial<ManifestOptions>): Promise<Reading> =>
  read(createReadStream(fixture(name)), options)

const urls = (rows: readonly unknown[]): unknown[] =>
  rows.map(row => (typeof row === 'object' ? (row as { url: string }).url : row))

t.test('the same catalog in JSON and NDJSON is the same rows', async t => {
  const { rows } = await readFixture('catalog.json')
  t.strictSame(rows, JSON.parse(readFileSync(fixture('catalog.json'), 'utf8')))
  t.strictSame((await readFixture('catalog.ndjson')).rows, rows)
  t.notOk(rows.map(toEntry).some(isBadRow))
})

t.test('a list of URLs and a TSV list are recognised', async t => {
  t.strictSame((await readFixture('urls.txt')).rows, [
    'https://cdn.example.com/lamp/front.jpg',
    'https://cdn.example.com/lamp/back.jpg',
    'https://cdn.example.com/lamp/manual.pdf#page=2',
    'https://cdn.example.com/lamp/a%20b.jpg?w=800&h=600',
  ])
  const { rows } = await readFixture('catalog.tsv')
  t.strictSame(rows[0], {
    url: 'https://cdn.example.com/a/1.jpg',
    size: 1357,
    integrity: 'md5-wHENa08V36iPYAsOa2JAdw==',
  })
  t.equal(rows.length, 3)
  t.notOk(rows.map(toEntry).some(isBadRow))
})

t.test('--select finds the images of all products', async t => {
  const { rows, error } = await readFixture('products.json', { select: 'products.*.images.*' })
  t.equal(error, undefined)
  t.strictSame(
    urls(rows),
    ['lamp/front', 'lamp/back', 'chair/1', 'chair/2', 'chair/3'].map(
      name => `https://cdn.example.com/${name}.jpg`,
    ),
  )
})

t.test('without --select one pretty-printed document is refused with the hint to use it', async t => {
  t.match(await readFixture('products.json'), {
    rows: [],
    error: { code: 'ERR_MANIFEST', message: /--select/ },
  })
  t.match(await readFixture('not-an-array.json', { format: 'json' }), {
    rows: [],
    error: { code: 'ERR_MANIFEST', message: /--select/, offset: 0 },
  })
  t.equal((await readFixture('not-an-array.json')).rows.length, 1, 'one line is one row, which is no entry')
})

t.test('an empty manifest has no rows and no fault, whatever its format', async t => {
  t.strictSame(await readFixture('empty.json'), { rows: [], batches: 0 })
  for (const format of ['auto', 'json', 'ndjson', 'urls', 'tsv'] as const)
    for (const text of ['', '\ufeff', ' \r\n\n'])
      t.strictSame(
        await readText(text, { format }),
        { rows: [], batches: 0 },
        `${format} ${JSON.stringify(text)}`,
      )
  t.strictSame(await readText(' \n', { select: 'a.*' }), { rows: [], batches: 0 })
  t.strictSame(await readText('[]'), { rows: [], batches: 0 })
})

t.test('the first bytes decide the format, an explicit format wins', async t => {
  const cases: [text: string, rows: unknown[], options?: Partial<ManifestOptions>][] = [
    ['\ufeff\n ["http://a"]', ['http://a']],
    ['\ufeff\n {"url":"http://a"}', [{ url: 'http://a' }]],
    ['"http://a"\n"http://b"', ['http://a', 'http://b']],
    ['\n\nTsvHttpData-1.0\nhttp://a', [{ url: 'http://a' }]],
    ['TsvHttp', ['TsvHttp']],
    ['T', ['T']],
    ['# c\nhttp://a', ['http://a']],
    ['[::1]/a\nhttp://b', ['[::1]/a', 'http://b'], { format: 'urls' }],
    ['1\n[2]', [1, [2]], { format: 'ndjson' }],
    ['{\n', ['! line 1 is not JSON'], { format: 'ndjson' }],
    ['"\n{}', ['! line 1 is not JSON', {}]],
    ['{"a":["x"]}', ['x'], { select: 'a.*' }],
    ['{"a":["x"]}', ['x'], { select: 'a.*', format: 'json' }],
  ]
  for (const [text, rows, options] of cases) t.strictSame((await readText(text, options)).rows, rows, text)
})

t.test('--select with a format of lines is a wrong option', async t => {
  for (const format of ['ndjson', 'urls', 'tsv'] as const)
    t.match((await readText('x', { format, select: 'a' })).error, {
      code: 'ERR_OPTION',
      message: /^--select: /,
    })
  t.match((await readText('x', { select: 'a.' })).error, { code: 'ERR_OPTION' })
})

t.test('bad lines are broken rows in their place', async t => {
  const { rows, error } = await readFixture('bad-rows.ndjson')
  t.equal(error, undefined)
  t.strictSame(
    rows.filter(row => typeof row === 'string'),
    [
      '! line 2 is not JSON',
      '! line 3 is not valid UTF-8',
      '! line 10 is not JSON',
      'https://cdn.example.com/8.jpg',
    ],
  )
  t.equal(rows.length, 10)
})

t.test('a truncated document delivers its whole rows, then its length', async t => {
  const { rows, batches, error } = await readFixture('truncated.json')
  t.strictSame(urls(rows), ['https://cdn.example.com/1.jpg', 'https://cdn.example.com/2.jpg'])
  t.equal(batches, 1)
  t.match(error, {
    code: 'ERR_MANIFEST',
    scope: 'run',
    offset: readFileSync(fixture('truncated.json')).length,
  })
})

t.test('rows that arrive together with what is broken are delivered before it', async t => {
  t.match(await readText('["http://a","http://b"] ]'), {
    rows: ['http://a', 'http://b'],
    error: { code: 'ERR_MANIFEST', offset: 24 },
  })
})

t.test('duplicates, hostile paths and all of Unicode pass unchanged', async t => {
  t.equal((await readFixture('duplicates.ndjson')).rows.length, 5)
  const { rows } = await readFixture('hostile-paths.ndjson')
  t.ok((rows as { path: string }[]).some(({ path }) => path === 'nul\0byte'))
  const unicode = await readFixture('unicode.json')
  t.strictSame(unicode.rows, JSON.parse(readFileSync(fixture('unicode.json'), 'utf8').slice(1)))
  t.match(await readText('[" \ud800"]'), { rows: [], error: { code: 'ERR_MANIFEST', offset: 3 } })
})

t.test('chunk borders change nothing but the batches', async t => {
  const files = 'bad-rows.ndjson catalog.json catalog.ndjson catalog.tsv truncated.json unicode.json urls.txt'
  for (const name of files.split(' ')) {
    const bytes = readFileSync(fixture(name))
    const { rows, error } = await read(arriving([bytes]))
    for (const chunks of everySplit(bytes)) {
      const parts = await read(arriving(chunks))
      t.strictSame(
        { ...parts, batches: 1 },
        { rows, batches: 1, ...(error && { error }) },
        `${name} ${chunks[0]?.length}`,
      )
      t.ok(parts.batches <= chunks.length + 1)
    }
  }
  const bytes = readFileSync(fixture('products.json'))
  const select = 'products.*.images.*'
  const { rows } = await read(arriving([bytes]), { select })
  for (const chunks of everySplit(bytes)) t.strictSame((await read(arriving(chunks), { select })).rows, rows)
})

t.test('rows come before the manifest ends, and stopping early closes its source', async t => {
  let closed = false
  const slow = async function* (): AsyncGenerator<string> {
    try {
      yield '["http://a",'
      yield '"http://b",'
      t.fail('nobody asked for more')
    } finally {
      closed = true
    }
  }
  const seen: unknown[] = []
  for await (const batch of manifest(slow(), { format: 'auto' })) {
    seen.push(...batch)
    if (seen.length === 2) break
  }
  t.strictSame(seen, ['http://a', 'http://b'])
  t.ok(closed)
})

t.test('an error of the source is thrown as it is, after the rows before it', async t => {
  const failing = Readable.from(
    (async function* () {
      yield 'http://a\n'
      throw new Error('EISDIR')
    })(),
  )
  t.match(await read(failing), { rows: ['http://a'], error: { message: 'EISDIR' } })
})
