import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openClient } from '../../fixtures/http-client.js'
import { type Asset, type Step, startOrigin } from '../../fixtures/origin.js'
import { recordingPool } from '../../fixtures/recording-pool.js'
import { makeSink } from '../../fixtures/sink.js'
import { type NamedEntry, parseEntry } from '../../lib/entry.js'
import { SyncError } from '../../lib/errors.js'
import { type DownloaderOptions, downloader } from '../../lib/http/download.js'
import type { OriginDeadlines } from '../../lib/http/exchanger.js'
import { type Pacing, pacing } from '../../lib/http/pacing.js'
import { firstHops } from '../../lib/http/redirect.js'
import { newWork } from '../../lib/work.js'
import { wrap } from '../../lib/wrap.js'

const segment = 10_000
const size = 35_000
const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT'

type OpenOptions = Partial<DownloaderOptions> & {
  isCapped?: boolean
  deadlines?: Partial<OriginDeadlines>
}

/** An origin, a sink, and `fetch`, which makes up to `attempts` attempts at an asset and says what came of them. */
const open = async (t: Test, { isCapped = false, deadlines = {}, ...options }: OpenOptions = {}) => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  const { sink, folders } = makeSink(t)
  const pool = recordingPool(isCapped ? { rate: 1_000_000 } : {})
  const { client, origins, halt, abort } = openClient(t, { pool, deadlines })
  const download = downloader({
    client,
    origins,
    pacing: pacing({
      rate: pool.rate,
      segment: () => segment,
      requestsPerSecond: () => Number.POSITIVE_INFINITY,
    }),
    hopTo: firstHops(),
    accept: '*/*',
    maxBytes: Number.POSITIVE_INFINITY,
    halted: halt.signal,
    ...options,
  })

  const entryOf = (url: string, fields: Partial<NamedEntry> = {}): NamedEntry => ({
    ...parseEntry(url, 0),
    path: 'a',
    urlKey: 'key',
    ...fields,
  })

  const fetch = async (
    url: string,
    { attempts = 1, ...fields }: Partial<NamedEntry> & { attempts?: number } = {},
  ) => {
    const entry = entryOf(url, fields)
    const draft = await sink.open(entry, { urlKey: entry.urlKey, resume: true })
    const work = newWork()
    const attempt = download(entry, draft, work)
    const errors: { code: string; scope: string; statusCode: number | undefined }[] = []
    while (errors.length < attempts)
      try {
        const downloaded = await attempt()
        if (downloaded === 'not-modified') await draft.abandon({ keep: false })
        else await draft.commit({ lastModified: downloaded.lastModified })
        const content = downloaded === 'not-modified' ? undefined : readFileSync(join(folders.root, 'a'))
        return { downloaded, content, errors, work }
      } catch (error) {
        const { code, scope, statusCode } = wrap(error)
        errors.push({ code, scope, statusCode })
      }
    await draft.abandon({ keep: true })
    return { errors, work }
  }

  /** Leaves what a killed run would: the first `bytes` of the asset at `path`, of the version `etag`. */
  const leavePartial = async (path: string, bytes: number, etag: string): Promise<void> => {
    const entry = entryOf(origin.url + path)
    const draft = await sink.open(entry, { urlKey: entry.urlKey, resume: false })
    draft.describe({ etag })
    draft.write(origin.bytes(path).subarray(0, bytes))
    await draft.flushed()
    await draft.abandon({ keep: true })
  }

  /** What was asked of the origin since the last call: the headers that matter. */
  const asked = (): Record<string, string>[] => {
    const names = [
      'range',
      'if-match',
      'if-range',
      'if-none-match',
      'if-modified-since',
      'if-unmodified-since',
    ]
    return origin.requests
      .splice(0)
      .map(({ headers }) =>
        Object.fromEntries(
          Object.entries(headers).filter(([name]) => names.includes(name)) as [string, string][],
        ),
      )
  }

  return { origin, origins, pool, folders, fetch, leavePartial, asked, abort }
}

/** A header that comes two times. */
const twice = (name: string, ...values: [string, string]): Step => ({
  headers: Object.fromEntries([[name, values]]),
})

const range = (start: number, end: number | '' = '') => ({ range: `bytes=${start}-${end}` })

t.test('under a cap one asset finds out for all what an unknown origin does', async t => {
  const { origin, pool, fetch, asked } = await open(t, { isCapped: true })
  const urls = ['/a', '/b', '/c'].map(path => origin.asset(path, { size, ranges: false, etag: '"v1"' }))
  await Promise.all(urls.map((url, n) => fetch(url, { path: `${n}` })))
  t.strictSame(asked(), [range(0, 9999), {}, {}], 'one range, and whole bodies from then on')
  const granted = pool.grants
    .filter(({ requests }) => requests > 0)
    .map(({ bytes }) => Math.floor(bytes / 5000))
  t.strictSame(granted, [2, 7, 7], 'as long as the first one turned out to be')
})

t.test('where a redirect leads to another origin, it is asked as is right there', async t => {
  const other = await startOrigin()
  t.teardown(other.close)
  const pool = recordingPool({ rate: 1_000_000 })
  const paced = (isPaced: (origin: string) => boolean) =>
    pacing({
      rate: pool.rate,
      segment: origin => (isPaced(origin) ? segment : 'off'),
      requestsPerSecond: () => Number.POSITIVE_INFINITY,
    })
  const cases: [string, Pacing, expected: object[]][] = [
    [
      'from whole to ranges',
      paced(origin => origin === other.url),
      [range(0, 9999), range(10_000, 19_999), range(20_000, 29_999), range(30_000, 34_999)],
    ],
    ['from ranges to whole', paced(origin => origin !== other.url), [{}]],
  ]
  for (const [title, pacing, expected] of cases) {
    const { origin, fetch } = await open(t, { isCapped: true, pacing })
    origin.script('/a', {
      status: 302,
      headers: { location: other.asset('/b', { size, etag: '"v1"', lastModified: false }) },
    })
    const { downloaded, content } = await fetch(`${origin.url}/a`)
    t.match(downloaded, { wireBytes: size, isProven: true }, title)
    t.ok(content?.equals(other.bytes('/b')), title)
    const ranges = other.requests.splice(0).map(({ headers }) => headers.range)
    t.strictSame(
      ranges,
      expected.map(headers => ('range' in headers ? headers.range : undefined)),
      title,
    )
    t.equal(origin.requests.length, 1, 'the way is asked for once')
  }
})

t.test('an asset that has the cap for itself waits for its next bytes while the last arrive', async t => {
  const { origin, pool, fetch } = await open(t, { isCapped: true })
  const under: number[] = []
  const { grant } = pool
  pool.grant = (cost, claimant) => {
    under.push(pool.grants.filter(({ settled }) => settled === undefined).length)
    return grant(cost, claimant)
  }
  const url = origin.asset('/a', { size, etag: '"v1"' })
  const { content, work } = await fetch(url)
  t.ok(content?.equals(origin.bytes('/a')))
  t.strictSame(under, [0, 1, 1, 1], 'each while the one before is under way')
  t.equal(pool.paidBytes, work.received)
})

t.test('what is reserved for a redirected asset is taken from the origin that it comes from', async t => {
  const { origin, pool, fetch } = await open(t, { isCapped: true })
  const other = await startOrigin()
  t.teardown(other.close)
  const to = other.asset('/b', { size, etag: '"v1"' })
  const { content } = await fetch(origin.script('/a', { status: 302, headers: { location: to } }))
  t.ok(content?.equals(other.bytes('/b')))
  const of = new Set(pool.grants.slice(1).map(({ origin }) => origin))
  t.strictSame([...of], [new URL(to).origin], 'all but the first request')
})

t.test('what was reserved for bytes that never came is given back', async t => {
  const { origin, pool, fetch } = await open(t, { isCapped: true })
  const url = origin.asset('/a', { size, etag: '"v1"' })
  origin.script('/a', { after: 5_000, end: 'reset' })
  const { errors, work } = await fetch(url)
  t.match(errors, [{ scope: 'attempt' }])
  t.equal(pool.grants.length, 2)
  t.equal(pool.paidBytes, work.received)
})

t.test('without a cap nobody waits for what another finds out', async t => {
  const { origin, fetch, abort } = await open(t)
  origin.script('/silent', { latencyMs: Number.POSITIVE_INFINITY })
  const silent = fetch(origin.asset('/silent', { size }), { path: 'silent' })
  t.match(await fetch(origin.asset('/a', { size })), { downloaded: { wireBytes: size } })
  abort.abort(new SyncError('ERR_ABORTED', 'over'))
  t.match(await silent, { errors: [{ code: 'ERR_ABORTED' }] })
})

t.test('without a cap an asset comes in one piece, as it is described', async t => {
  const { origin, pool, fetch, asked } = await open(t)
  const url = origin.asset('/a', { size, etag: '"v1"', type: 'image/png' })
  const { downloaded, content, work } = await fetch(url)
  t.strictSame(downloaded, { wireBytes: size, isProven: true, etag: '"v1"', lastModified, type: 'image/png' })
  t.ok(content?.equals(origin.bytes('/a')))
  t.strictSame(asked(), [{}])
  t.equal(pool.paidBytes, work.received)
})

t.test(
  'under a cap an asset comes in ranges of one version, each granted before it is asked for',
  async t => {
    const ranges = [range(0, 9999), range(10_000, 19_999), range(20_000, 29_999), range(30_000, 34_999)]
    const cases: [string, Asset, Record<string, string>][] = [
      ['a strong ETag', { etag: '"v1"' }, { 'if-match': '"v1"' }],
      ['a weak ETag', { etag: 'W/"v1"' }, { 'if-unmodified-since': lastModified }],
      ['an ETag without quotes', { etag: 'v1' }, { 'if-unmodified-since': lastModified }],
      ['a date', { etag: false }, { 'if-unmodified-since': lastModified }],
    ]
    for (const [name, asset, condition] of cases) {
      const { origin, pool, fetch, asked } = await open(t, { isCapped: true })
      const { downloaded, content, work } = await fetch(origin.asset('/a', { size, ...asset }))
      t.match(downloaded, { wireBytes: size, isProven: true, lastModified }, name)
      t.ok(content?.equals(origin.bytes('/a')), name)
      t.strictSame(asked(), [ranges[0], ...ranges.slice(1).map(range => ({ ...range, ...condition }))], name)
      t.strictSame(
        pool.grants.map(({ requests, bytes }) => [requests, Math.floor(bytes / 5000)]),
        [
          [1, 2],
          [1, 2],
          [1, 2],
          [1, 1],
        ],
        name,
      )
      t.equal(pool.paidBytes, work.received, name)
    }
  },
)

t.test('what is longer than a second of the cap and fits into one range is asked for once', async t => {
  const paced = pacing({
    rate: () => 1_000_000,
    segment: () => 1024 * 1024,
    requestsPerSecond: () => Number.POSITIVE_INFINITY,
  })
  const { origin, fetch } = await open(t, { isCapped: true, pacing: paced })
  const url = origin.asset('/a', { size: 1_200_000 })
  const { content } = await fetch(url, { size: 1_200_000 })
  t.ok(content?.equals(origin.bytes('/a')))
  t.equal(origin.requests.length, 1)
})

t.test('what is known to fit into one range is asked for as a whole', async t => {
  const { origin, fetch, asked } = await open(t, { isCapped: true })
  const url = origin.asset('/a', { size: 12_000 })
  await fetch(url, { size: 12_000 })
  await fetch(url, { found: { length: 12_000 } })
  t.strictSame(asked(), [{}, {}])
})

t.test('ranges of a redirected asset come from where the first one came', async t => {
  const { origin, fetch } = await open(t, { isCapped: true })
  const url = origin.script('/a', { status: 302, headers: { location: '/b' } })
  origin.asset('/b', { size: 25_000 })
  const { content } = await fetch(url)
  t.ok(content?.equals(origin.bytes('/b')))
  t.strictSame(
    origin.requests.map(({ path }) => path),
    ['/a', '/b', '/b', '/b'],
  )
})

t.test('a redirect is followed anew when the address it led to has expired', async t => {
  const { origin, fetch } = await open(t, { isCapped: true })
  const asset = { size: 25_000, seed: 'same', etag: '"1"' }
  origin.asset('/b', asset)
  origin.asset('/c', asset)
  origin.script('/b', (_request, count) => (count > 0 ? { status: 403 } : undefined))
  const url = origin.script('/a', (_request, count) => ({
    status: 302,
    headers: { location: count === 0 ? '/b' : '/c' },
  }))
  const { content } = await fetch(url)
  t.ok(content?.equals(origin.bytes('/c')))
  t.strictSame(
    origin.requests.map(({ path }) => path),
    ['/a', '/b', '/b', '/a', '/c', '/c'],
  )
  origin.script('/c', { status: 403 })
  t.match((await fetch(url)).errors, [{ code: 'ERR_HTTP_STATUS', statusCode: 403 }])
})

t.test('an address that sends back to where it came from, or on and on, is asked for anew', async t => {
  const { origin, fetch } = await open(t, { isCapped: true })
  const asset = { size: 65_000, seed: 'same', etag: '"1"' }
  // Each range is led on to the next address, and the last one back to the first.
  for (let n = 0; n < 16; n++) {
    origin.asset(`/${n}`, asset)
    origin.script(`/${n}`, (_request, count) =>
      count > 0 ? { status: 302, headers: { location: `/${(n + 1) % 16}` } } : undefined,
    )
  }
  const url = origin.script('/a', { status: 302, headers: { location: '/0' } })
  const { content } = await fetch(url)
  t.ok(content?.equals(origin.bytes('/0')))
})

t.test('an origin without ranges is asked for whole assets, once that is known', async t => {
  const cases: [string, Asset, number][] = [
    ['a long one, which is given up at first', { size: 300_000, ranges: false }, 2],
    ['a short one, which is metered', { size: 50_000, ranges: false }, 1],
    ['one of unknown length', { size: 300_000, ranges: false, framing: 'chunked' }, 1],
    ['one without validators', { size: 50_000, etag: false, lastModified: false }, 2],
  ]
  for (const [name, asset, questions] of cases) {
    const { origin, pool, fetch, asked } = await open(t, { isCapped: true })
    const url = origin.asset('/a', asset)
    const first = await fetch(url)
    t.ok(first.content?.equals(origin.bytes('/a')), name)
    t.strictSame(asked(), [range(0, 9999), ...Array(questions - 1).fill({})], name)
    t.equal(pool.paidBytes, first.work.received, name)
    t.ok(first.work.received < (asset.size ?? 0) + 150_000, `${name}: ${first.work.received}`)
    const second = await fetch(url)
    t.ok(second.content?.equals(origin.bytes('/a')), name)
    t.strictSame(asked(), [{}], name)
  }
})

t.test('an empty or encoded asset says nothing about the ranges of its origin', async t => {
  const text = 'word '.repeat(10_000)
  const cases: [string, Asset, string][] = [
    ['an empty one, answered 416', { size: 0 }, ''],
    ['an empty one, answered 200', { size: 0, ranges: false }, ''],
    ['an encoded one', { bytes: text, encoding: 'gzip' }, text],
  ]
  for (const [name, asset, expected] of cases) {
    const { origin, fetch, asked } = await open(t, { isCapped: true })
    const { content } = await fetch(origin.asset('/a', asset))
    t.equal(content?.toString(), expected, name)
    asked()
    await fetch(origin.asset('/b', { size: 25_000 }))
    t.equal(asked().length, 3, name)
  }
})

t.test('an encoded asset is decoded whole, and never gone on with', async t => {
  const { origin, fetch, asked } = await open(t)
  const text = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${i}`).join(' '))
  const url = origin.asset('/a', { bytes: text, encoding: 'gzip', etag: '"v1"' })
  origin.script('/a', [{ after: 5000, end: 'fin' }])
  const { downloaded, content, errors } = await fetch(url, { attempts: 2 })
  t.match(errors, [{ code: 'ERR_BODY_SHORT' }])
  t.match(downloaded, { encoding: 'gzip', etag: '"v1"' })
  t.ok(content?.equals(text))
  t.strictSame(asked(), [{}, {}])
})

t.test('a change midway restarts the asset', async t => {
  const v2: Asset = { size, seed: 'v2', etag: '"v2"' }
  const changes: [string, Asset, Step][] = [
    ['answered 412', { etag: '"v1"' }, { as: v2 }],
    ['in a 206 with another ETag', { etag: '"v1"' }, { as: { ...v2, conditions: false } }],
    [
      'in a 206 with another date',
      { etag: false },
      { as: { ...v2, etag: false, lastModified: 'Thu, 22 Oct 2015 07:28:00 GMT', conditions: false } },
    ],
    ['in a 206 with another length', { etag: '"v1"' }, { as: { ...v2, size: 36_000, etag: '"v1"' } }],
  ]
  for (const [name, asset, step] of changes) {
    const { origin, fetch, asked } = await open(t, { isCapped: true })
    const url = origin.asset('/a', { size, ...asset })
    origin.script('/a', [{}, {}, step])
    const { content, errors } = await fetch(url, { attempts: 2 })
    t.match(errors, [{ code: 'ERR_CHANGED', scope: 'attempt' }], name)
    t.ok(content?.equals(origin.bytes('/a')), name)
    t.match(asked()[3], range(0, 9999), name)
  }
})

t.test('a part that is not the one asked for is dropped, and the asset fetched whole', async t => {
  const body = Buffer.alloc(10_000, 'x')
  const part = (contentRange: string | undefined, more: Partial<Step> = {}): Step => ({
    status: 206,
    body,
    headers: {
      etag: '"v1"',
      ...(contentRange !== undefined && { 'content-range': contentRange }),
      ...more.headers,
    },
  })
  const cases: [string, Step][] = [
    ['another start', part('bytes 0-9999/35000')],
    ['more than was asked', part('bytes 10000-20000/35000')],
    ['another unit', part('items 10000-19999/35000')],
    ['no Content-Range', part(undefined)],
    ['two Content-Ranges', part(undefined, twice('content-range', 'bytes 10000-19999/35000', 'bytes 1-2/3'))],
    ['a body longer than its range', part('bytes 10000-10999/35000')],
    ['a body shorter than its range', part('bytes 10000-19998/35000')],
    [
      'chunks longer than their range',
      part('bytes 10000-10999/35000', { headers: { 'content-length': undefined } }),
    ],
  ]
  for (const [name, step] of cases) {
    const { origin, fetch, asked } = await open(t, { isCapped: true })
    const url = origin.asset('/a', { size, etag: '"v1"' })
    origin.script('/a', [{}, step])
    const { content, errors } = await fetch(url, { attempts: 2 })
    t.match(errors, [{ code: 'ERR_HTTP_PROTOCOL', scope: 'attempt' }], name)
    t.ok(content?.equals(origin.bytes('/a')), name)
    t.strictSame(asked().slice(2), [{}], name)
  }
})

t.test(
  'an attempt goes on from the bytes that are there, if a strong ETag says that they are still right',
  async t => {
    const cases: [string, Asset, Step, Record<string, string>][] = [
      ['cut off', { etag: '"v1"' }, { after: 5000, end: 'fin' }, { ...range(5000), 'if-range': '"v1"' }],
      ['reset', { etag: '"v1"' }, { after: 5000, end: 'reset' }, { ...range(5000), 'if-range': '"v1"' }],
      ['cut off before any byte', { etag: '"v1"' }, { after: 0, end: 'fin' }, {}],
      ['of a weak ETag', { etag: 'W/"v1"' }, { after: 5000, end: 'fin' }, {}],
      ['of a date', { etag: false }, { after: 5000, end: 'fin' }, {}],
    ]
    for (const [name, asset, step, second] of cases) {
      const { origin, fetch, asked } = await open(t)
      const url = origin.asset('/a', { size, ...asset })
      origin.script('/a', [step])
      const { content, errors } = await fetch(url, { attempts: 2 })
      t.match(
        errors,
        [{ code: step.end === 'reset' ? 'ERR_NETWORK' : 'ERR_BODY_SHORT', scope: 'attempt' }],
        name,
      )
      t.ok(content?.equals(origin.bytes('/a')), name)
      t.strictSame(asked(), [{}, second], name)
    }
  },
)

t.test('under a cap an attempt goes on range by range', async t => {
  const { origin, fetch, asked } = await open(t, { isCapped: true })
  const url = origin.asset('/a', { size, etag: '"v1"' })
  origin.script('/a', [{}, { after: 5000, end: 'fin' }])
  const { content } = await fetch(url, { attempts: 2 })
  t.ok(content?.equals(origin.bytes('/a')))
  t.strictSame(asked().slice(2), [
    { ...range(15_000, 24_999), 'if-range': '"v1"' },
    { ...range(25_000, 34_999), 'if-match': '"v1"' },
  ])
})

t.test('an asset that changed since the last attempt is fetched from its first byte', async t => {
  for (const isCapped of [false, true])
    for (const newSize of [size, 300_000]) {
      const { origin, fetch } = await open(t, { isCapped })
      const url = origin.asset('/a', { size: newSize, seed: 'v2', etag: '"v2"' })
      origin.script('/a', [{ as: { size, etag: '"v1"' }, after: 5000, end: 'fin' }])
      const { content, downloaded, errors } = await fetch(url, { attempts: 2 })
      t.equal(errors.length, 1)
      t.match(downloaded, { etag: '"v2"' })
      t.ok(content?.equals(origin.bytes('/a')), `${isCapped} ${newSize}`)
    }
})

t.test('what a killed run left is gone on with, also where no byte is missing', async t => {
  const length = 1_500_000
  const cases: [string, number, Record<string, string>][] = [
    ['a part', 1_100_000, { ...range(1_100_000), 'if-range': '"v1"' }],
    ['all of it', length, { ...range(length), 'if-range': '"v1"' }],
  ]
  for (const [name, bytes, question] of cases) {
    const { origin, fetch, leavePartial, asked } = await open(t)
    const url = origin.asset('/a', { size: length, etag: '"v1"' })
    await leavePartial('/a', bytes, '"v1"')
    const { downloaded, content, work } = await fetch(url)
    t.match(downloaded, { wireBytes: length, etag: '"v1"', isProven: true }, name)
    t.ok(content?.equals(origin.bytes('/a')), name)
    t.ok(work.received < length - bytes + 1000, name)
    t.strictSame(asked(), [question], name)
  }
})

t.test('what a killed run left of another version is dropped', async t => {
  const cases: [string, Asset][] = [
    ['a longer one', { size: 1_600_000 }],
    ['a shorter one', { size: 1000 }],
    ['an empty one', { size: 0 }],
  ]
  for (const [name, asset] of cases) {
    const { origin, fetch, leavePartial } = await open(t)
    origin.asset('/a', { size: 1_500_000, seed: 'v1' })
    await leavePartial('/a', 1_100_000, '"v1"')
    const { content } = await fetch(origin.asset('/a', { seed: 'v2', etag: '"v2"', ...asset }))
    t.ok(content?.equals(origin.bytes('/a')), name)
  }
})

t.test('a part need not repeat the type and date that were told before', async t => {
  const { origin, fetch } = await open(t)
  const url = origin.asset('/a', { size, etag: '"v1"', type: 'image/png' })
  origin.script('/a', [
    { after: 5000, end: 'fin' },
    { headers: { 'content-type': undefined, 'last-modified': undefined } },
  ])
  const { downloaded } = await fetch(url, { attempts: 2 })
  t.match(downloaded, { type: 'image/png', lastModified, etag: '"v1"' })
})

const local = {
  bytes: size,
  mtimeMs: Date.parse(lastModified),
  stale: false,
  known: { urlKey: 'key', etag: '"v1"', lastModified, wireBytes: size, bytes: size, mtimeMs: 0 },
}
const condition = { 'if-none-match': '"v1"', 'if-modified-since': lastModified }

t.test('a conditional GET fetches only what changed, and under a cap its first range', async t => {
  for (const isCapped of [false, true]) {
    const first = isCapped ? range(0, 9999) : {}
    const { origin, fetch, asked } = await open(t, { isCapped })
    const url = origin.asset('/a', { size, etag: '"v1"' })
    const same = await fetch(url, { local, conditional: true })
    t.equal(same.downloaded, 'not-modified')
    t.strictSame(asked(), [{ ...first, ...condition }])
    origin.asset('/a', { size, seed: 'v2', etag: '"v2"' })
    const changed = await fetch(url, { local, conditional: true })
    t.ok(changed.content?.equals(origin.bytes('/a')))
    const [asking, next] = asked()
    t.strictSame(asking, { ...first, ...condition })
    t.strictSame(next, isCapped ? { ...range(10_000, 19_999), 'if-match': '"v2"' } : undefined)
  }
})

t.test('a condition is not sent along once bytes are there', async t => {
  const { origin, fetch, asked } = await open(t)
  const url = origin.asset('/a', { size, etag: '"v2"' })
  origin.script('/a', [{ after: 0, end: 'fin' }, { after: 5000, end: 'fin' }, { status: 304 }])
  const { errors } = await fetch(url, { local, conditional: true, attempts: 3 })
  t.strictSame(asked(), [condition, condition, { ...range(5000), 'if-range': '"v2"' }])
  t.match(errors[2], { code: 'ERR_HTTP_PROTOCOL' }, 'and a 304 then says nothing')
})

t.test('answers to what was not asked are refused for good', async t => {
  const cases: [string, Step, { code: string; statusCode?: number }][] = [
    ['304', { status: 304 }, { code: 'ERR_HTTP_PROTOCOL' }],
    [
      '206',
      { status: 206, headers: { 'content-range': 'bytes 0-4/5' }, body: 'hello' },
      { code: 'ERR_HTTP_PROTOCOL' },
    ],
    [
      '416',
      { status: 416, headers: { 'content-range': 'bytes */5' } },
      { code: 'ERR_HTTP_STATUS', statusCode: 416 },
    ],
    ['204', { status: 204 }, { code: 'ERR_HTTP_PROTOCOL' }],
    ['205', { status: 205 }, { code: 'ERR_HTTP_PROTOCOL' }],
    ['412', { status: 412 }, { code: 'ERR_HTTP_STATUS', statusCode: 412 }],
  ]
  const { origin, fetch } = await open(t)
  for (const [name, step, expected] of cases) {
    const { errors } = await fetch(origin.script('/a', step))
    t.match(errors, [{ ...expected, scope: 'entry' }], name)
  }
})

t.test('a file of which nothing is known is no reason to take a 304', async t => {
  const { origin, fetch } = await open(t)
  const known = { urlKey: 'key', wireBytes: 5, bytes: 5, mtimeMs: 0 }
  const { errors } = await fetch(origin.script('/a', { status: 304 }), {
    local: { ...local, known },
    conditional: true,
  })
  t.match(errors, [{ code: 'ERR_HTTP_PROTOCOL', scope: 'entry' }])
})

t.test('a body that drips is too slow, in however many ranges it comes', async t => {
  const { origin, fetch } = await open(t, { isCapped: true, deadlines: { stallMs: 300, minRate: 1_000_000 } })
  const url = origin.asset('/a', { size: 20 * segment, etag: '"v1"' })
  origin.script('/a', { drip: { bytes: segment / 2, everyMs: 50 } })
  t.match((await fetch(url)).errors, [{ code: 'ERR_TOO_SLOW', scope: 'attempt' }])
  t.ok(origin.requests.length > 1)
})

t.test('a body without length is whole as far as anybody can tell', async t => {
  const { origin, fetch } = await open(t)
  const url = origin.asset('/a', { size, framing: 'close' })
  t.match((await fetch(url)).downloaded, { isProven: false, wireBytes: size })
  t.match((await fetch(url, { found: { length: size } })).downloaded, { isProven: false })
  t.match((await fetch(url, { found: { length: size + 1 } })).errors, [
    { code: 'ERR_BODY_SHORT', scope: 'attempt' },
  ])
  t.match((await fetch(url, { found: { length: size - 1 } })).errors, [
    { code: 'ERR_BODY_LONG', scope: 'attempt' },
  ])
  // What a HEAD said of another version says nothing of this one.
  const named = origin.asset('/b', { size, framing: 'close', etag: '"v2"' })
  for (const [found, isOther] of [
    [{ etag: '"v1"' }, true],
    [{ lastModified: 'Wed, 21 Oct 2015 07:27:00 GMT' }, true],
    [{ etag: '"v2"', lastModified }, false],
    [{}, false],
  ] as const) {
    const { errors } = await fetch(named, { found: { ...found, length: size + 1 } })
    t.match(errors, isOther ? [] : [{ code: 'ERR_BODY_SHORT' }], JSON.stringify(found))
    t.equal(errors.length, isOther ? 0 : 1)
  }
  origin.script('/a', { as: { size, framing: 'close' }, after: 5000, end: 'reset' })
  t.match((await fetch(url)).errors, [{ code: 'ERR_NETWORK', scope: 'attempt' }])
})

t.test('an asset that breaks a demand fails for good, before its body is read where that can be', async t => {
  const cases: [string, OpenOptions, Partial<NamedEntry>, Asset, string][] = [
    ['shorter than demanded', {}, { size: 1e8 }, { size: 5e7 }, 'ERR_BODY_SHORT'],
    ['longer than demanded', {}, { size: 10 }, { size: 5e7 }, 'ERR_BODY_LONG'],
    ['longer than demanded, in chunks', {}, { size: 10 }, { size: 5e7, framing: 'chunked' }, 'ERR_BODY_LONG'],
    ['too large', { maxBytes: 100 }, {}, { size: 5e7 }, 'ERR_TOO_LARGE'],
    ['too large, in chunks', { maxBytes: 100 }, {}, { size: 5e7, framing: 'chunked' }, 'ERR_TOO_LARGE'],
    ['too large, in ranges', { maxBytes: 100, isCapped: true }, {}, { size: 5e7 }, 'ERR_TOO_LARGE'],
    ['of another type', { accept: 'video/*' }, {}, { size: 5e7 }, 'ERR_TYPE'],
  ]
  for (const [name, options, fields, asset, code] of cases) {
    const { origin, fetch } = await open(t, options)
    const { errors, work } = await fetch(origin.asset('/a', asset), fields)
    t.match(errors, [{ code, scope: 'entry' }], name)
    t.ok(work.received < 1e6, name)
  }
})

t.test('headers that contradict themselves fail nothing but what depends on them', async t => {
  const { origin, fetch } = await open(t)
  const url = origin.asset('/a', { size })
  const names = ['etag', 'last-modified', 'content-type']
  origin.script('/a', { headers: Object.fromEntries(names.map(name => [name, ['a', 'b']])) })
  t.strictSame((await fetch(url)).downloaded, { wireBytes: size, isProven: true })
  origin.script('/a', twice('content-encoding', 'gzip', 'gzip'))
  t.match((await fetch(url)).errors, [{ code: 'ERR_ENCODING', scope: 'entry' }])
})

t.test('an origin that answers something else each time is not asked for ever', async t => {
  const { origin, fetch } = await open(t, { isCapped: true })
  const url = origin.asset('/a', { size, etag: '"v1"' })
  origin.script('/a', (_request, count) =>
    count % 2 === 0 ? {} : { status: 416, headers: { 'content-range': 'bytes */36000' } },
  )
  const { errors } = await fetch(url)
  t.match(errors, [{ code: 'ERR_CHANGED', scope: 'attempt' }])
  t.ok(origin.requests.length < 10)
})

t.test('failed attempts do not make ranges larger', async t => {
  const left: string[] = []
  const paced = pacing({
    rate: () => 1_000_000,
    segment: () => segment,
    requestsPerSecond: () => Number.POSITIVE_INFINITY,
  })
  let inside = 0
  const { origin, fetch } = await open(t, {
    isCapped: true,
    pacing: {
      ...paced,
      enter: name => {
        inside++
        return () => {
          inside--
          left.push(name)
        }
      },
    },
  })
  origin.script('/a', [{ status: 502 }, { status: 502 }])
  await fetch(origin.asset('/a', { size: 100 }), { attempts: 3 })
  t.strictSame([inside, left.length], [0, 3], 'who enters leaves, once')
})
