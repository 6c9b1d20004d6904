import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { catalog } from '../fixtures/catalog.js'
import { forkFixture } from '../fixtures/command.js'
import { randomFrom } from '../fixtures/faults/random.js'
import { type Origin, type OriginOptions, type Step, startOrigin } from '../fixtures/origin.js'
import { startRawServer } from '../fixtures/raw-server.js'
import { recordingPool } from '../fixtures/recording-pool.js'
import { checkEnded, countsOf, runToEnd, takeAll } from '../fixtures/run.js'
import { makeRoot } from '../fixtures/sink.js'
import { storedPaths, treeOf } from '../fixtures/tree.js'
import { unproved } from '../fixtures/unproved.js'
import { until } from '../fixtures/until.js'
import { type Outcome, toLine } from '../lib/outcome.js'
import type { RunOptions } from '../lib/run/start-run.js'
import { sync } from '../lib/run/sync.js'
import type { Check } from '../lib/stages/incremental.js'

const KiB = 1024
const MiB = 1024 * KiB

const start = async (t: Test, options: OriginOptions = {}) => {
  const origin = await startOrigin(options)
  t.teardown(origin.close)
  return origin
}

const place = (t: Test): string => join(makeRoot(t), 'out')

/** Every stored outcome's file is the whole content of its asset, and so is every other file. */
const checkStored = (t: Test, origin: Origin, out: string, outcomes: readonly Outcome[]): void => {
  const whole = (path: string) =>
    readFileSync(join(out, path)).equals(origin.bytes(`/${path.split('/').slice(1).join('/')}`))
  t.strictSame(
    storedPaths(out).filter(path => !whole(path)),
    [],
    'no half file',
  )
  const missing = outcomes.filter(
    ({ status, path = '' }) => status === 'stored' && !existsSync(join(out, path)),
  )
  t.strictSame(missing, [], 'what is told to be stored is there')
}

const manifestOf = (outcomes: readonly Outcome[]): Readable =>
  Readable.from(outcomes.map(toLine), { objectMode: false })

const faults: readonly Step[] = [
  {},
  {},
  { status: 404 },
  { status: 500 },
  { status: 503, headers: { 'retry-after': '0' } },
  { status: 429, headers: { 'retry-after': '86400' } },
  { status: 302, headers: { location: '?again' } },
  { status: 301 },
  { after: 1000 },
  { after: 1000, end: 'reset' },
  { after: 1000, end: 'stall' },
  { latencyMs: Number.POSITIVE_INFINITY },
  { raw: 'HTTP/1.1 200 OK\r\ncontent-length: nonsense\r\n\r\n' },
  { raw: '' },
  { headers: { 'content-encoding': 'gzip' } },
  { headers: { etag: '"other"' } },
  { preamble: 'HTTP/1.1 103 Early Hints\r\n\r\n' },
  { status: 206 },
  { status: 304 },
  { status: 416 },
]

t.test('under random faults every entry has one outcome, and every file is whole', async t => {
  const asset = (path: string) => ({ size: 20 * KiB, seed: path.replace(/\?.*/, '') })
  for (const bwlimit of ['off', '80mbit']) {
    const origin = await start(t, { asset })
    const random = randomFrom(7)
    const rows = Array.from({ length: 300 }, (_, index) =>
      origin.script(`/${index}.jpg`, () => faults[Math.floor(random() * faults.length)] as Step),
    )
    const out = place(t)
    const options: RunOptions = {
      out,
      retries: 2,
      retryBase: 1,
      timeout: 200,
      stallTimeout: 200,
      perOrigin: 10,
      bwlimit,
    }
    const ended = await runToEnd(t, rows, options)
    t.equal(ended.error, undefined)
    t.equal(ended.outcomes.length, rows.length)
    const counts = countsOf(ended)
    t.ok((counts['stored'] ?? 0) > 50 && Object.keys(counts).length > 5, JSON.stringify(counts))
    checkStored(t, origin, out, ended.outcomes)
  }
})

/** A small disk of its own, where this process may mount one. */
const smallDisk = (t: Test, at: string): boolean => {
  mkdirSync(at)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', at]).status !== 0) return false
  t.teardown(() => void spawnSync('umount', ['-l', at]))
  return true
}

t.test('a full disk ends the run with whole files and all outcomes, and the next run goes on', async t => {
  const at = join(makeRoot(t), 'disk')
  if (!smallDisk(t, at)) return unproved(t, 'this process may not mount')
  const origin = await start(t, { asset: () => ({ size: 100 * KiB }) })
  const rows = Array.from({ length: 2000 }, (_, index) => `${origin.url}/${index}`)
  const out = join(at, 'out')
  const ended = await runToEnd(t, rows, { out })
  t.match(ended.error, { code: 'ERR_DESTINATION', message: /full/ })
  t.equal(ended.summary.exitCode, 4)
  t.ok(ended.outcomes.length < rows.length, 'reading stopped')
  const counts = countsOf(ended)
  t.ok((counts['stored'] ?? 0) > 20, JSON.stringify(counts))
  t.ok((counts['failed ERR_DESTINATION'] ?? 0) > 0)
  checkStored(t, origin, out, ended.outcomes)

  execFileSync('mount', ['-o', 'remount,size=64m', at])
  const before = storedPaths(out).length
  const next = await runToEnd(t, rows.slice(0, 200), { out })
  t.strictSame(next.error, undefined)
  t.equal(next.outcomes.filter(({ status }) => status === 'failed').length, 0)
  t.equal(storedPaths(out).length, Math.max(200, before))
  checkStored(t, origin, out, next.outcomes)
})

t.test(
  'after the signal every entry that was read has its outcome, and what is in flight finishes',
  async t => {
    const origin = await start(t, { asset: () => ({ size: 300 * KiB }) })
    origin.script('/0', { drip: { bytes: 100 * KiB, everyMs: 100 } })
    const rows = (function* () {
      for (let index = 0; ; index++) yield `${origin.url}/${index}`
    })()
    const interruption = new AbortController()
    const out = place(t)
    const run = sync(rows, { out, signal: interruption.signal, concurrency: 2 })
    const ended = takeAll(run)
    await until(
      () =>
        run.progress().stored >= 5 &&
        origin.requests.some(({ path, bodyBytes }) => path === '/0' && bodyBytes > 0),
    )
    interruption.abort('SIGINT')
    const { outcomes, ...facts } = await ended
    checkEnded(t, out, { outcomes, ...facts })
    t.equal(facts.error?.code, 'ERR_ABORTED')
    t.equal(run.progress().read, outcomes.length)
    t.equal(
      outcomes.find(({ index }) => index === 0)?.status,
      'stored',
      'what was in flight had the time to finish',
    )
    t.ok(outcomes.some(({ status }) => status === 'failed'))
    checkStored(t, origin, out, outcomes)
  },
)

t.test(
  'what every request brings counts: redirects, refusals, retries and HEADs, of all origins',
  async t => {
    const filler = 'x'.repeat(5000)
    const head = `Content-Length: ${filler.length}\r\nETag: "1"\r\n\r\n`
    const answers = [
      `HTTP/1.1 503 Busy\r\n${head}${filler}`,
      `HTTP/1.1 200 OK\r\nConnection: close\r\n${head}${filler.slice(1000)}`,
      `HTTP/1.1 200 OK\r\n${head}${filler}`,
      `HTTP/1.1 200 OK\r\n${head}`,
    ]
    const origin = await startRawServer(t, {
      answer(socket, count) {
        socket.write(answers[count] ?? '')
        if (count === 1) socket.end()
      },
    })
    const redirecting = await startRawServer(t, {
      answer: (socket, count) =>
        socket.write(`HTTP/1.1 302 Found\r\nLocation: ${origin.url}/b\r\n${head}${count < 3 ? filler : ''}`),
    })
    const [out, pool] = [place(t), recordingPool({ rate: 1e6 })]
    let before = 0
    for (const word of ['stored', 'skipped unchanged by etag']) {
      const ended = await runToEnd(t, [`${redirecting.url}/a`], { out, pool, retryBase: 0 })
      t.strictSame(countsOf(ended), { [word]: 1 })
      const sent = origin.sentBytes + redirecting.sentBytes
      t.equal(ended.summary.bytesReceived, sent - before, word)
      t.equal(ended.outcomes[0]?.received, sent - before, word)
      t.equal(pool.paidBytes, sent, `${word}: all of it was paid for`)
      before = sent
    }
    t.match([origin.requests.length, redirecting.requests.length], [4, 4])
  },
)

t.test('the rate holds for any number of streams', async t => {
  const bytes = 200 * KiB
  const cap = 4e6
  for (const [concurrency, isRanged] of [
    [1, true],
    [6, true],
    [24, true],
    [6, false],
  ] as const) {
    const origin = await start(t, { asset: () => ({ size: bytes, ranges: isRanged }) })
    const rows = Array.from({ length: 32 }, (_, index) => `${origin.url}/${index}`)
    const title = `${concurrency} streams ${isRanged ? 'in' : 'without'} ranges`
    const { summary } = await runToEnd(t, rows, {
      out: place(t),
      bwlimit: cap,
      concurrency,
      perOrigin: concurrency,
    })
    t.match(summary, { stored: rows.length }, title)
    t.ok(summary.meanRate < 1.02 * cap, `${title}: ${summary.meanRate / cap} of the cap on average`)
    t.ok(summary.meanRate > 0.4 * cap, `${title}: ${summary.meanRate / cap} of the cap used`)
    t.ok(
      summary.worstSecond < (isRanged ? 1.15 : 1.5) * cap,
      `${title}: ${summary.worstSecond / cap} in the worst second`,
    )
  }
})

t.test('a silent origin and a held one delay no other', async t => {
  const [silent, held, quick] = [
    await start(t),
    await start(t),
    await start(t, { asset: () => ({ size: KiB }) }),
  ]
  const rows = Array.from({ length: 300 }, (_, index) => {
    const [origin, step] = [
      [silent, { latencyMs: Number.POSITIVE_INFINITY }],
      [held, { status: 503, headers: { 'retry-after': '60' } }],
      [quick, {}],
    ][index % 3] as [Origin, Step]
    return origin.script(`/${index}`, step)
  })
  const out = place(t)
  const interruption = new AbortController()
  const run = sync(rows, { out, signal: interruption.signal, timeout: 'off' })
  const outcomes: Outcome[] = []
  await t.rejects(async () => {
    for await (const outcome of run) if (outcomes.push(outcome) === 100) interruption.abort('SIGINT')
  })
  t.ok(
    outcomes.slice(0, 100).every(({ url, status }) => status === 'stored' && url?.startsWith(quick.url)),
    'all of the quick one came first',
  )
  t.equal(outcomes.length, rows.length)
  t.ok(held.requests.length <= 6, 'a held origin is not asked again')
})

t.test('an entry that backs off does not delay the next, even with a single slot', async t => {
  const origin = await start(t, { asset: () => ({ size: KiB }) })
  const urls = [
    origin.script('/failing', { status: 500 }),
    ...[1, 2, 3].map(index => `${origin.url}/${index}`),
  ]
  const interruption = new AbortController()
  const { signal } = interruption
  const outcomes: Outcome[] = []
  await t.rejects(async () => {
    const run = sync(urls, { out: place(t), signal, concurrency: 1, retryBase: '100d', retryMax: '100d' })
    for await (const outcome of run) if (outcomes.push(outcome) === 3) interruption.abort('SIGINT')
  })
  t.match(outcomes, [{ index: 1 }, { index: 2 }, { index: 3 }, { index: 0, error: { code: 'ERR_ABORTED' } }])
})

t.test('a killed run leaves no half file, and the next one goes on where it stopped', async t => {
  const origin = await start(t, { asset: () => ({ size: 10 * KiB }) })
  const large = origin.asset('/large', { size: 6 * MiB, etag: '"large"' })
  origin.script('/large', [{ after: 4 * MiB, end: 'stall' }])
  const small = Array.from({ length: 20 }, (_, index) => `${origin.url}/${index}`)
  const out = place(t)
  const child = forkFixture('sync-process', [out, large, ...small])
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const told: Outcome[] = []
  child.on('message', outcome => void told.push(outcome as Outcome))
  const tmp = join(out, '.sluice/tmp')
  const written = () =>
    existsSync(tmp) ? Math.max(0, ...readdirSync(tmp).map(name => statSync(join(tmp, name)).size)) : 0
  await until(() => told.length === small.length && written() === 4 * MiB)
  child.kill('SIGKILL')
  t.match(await exited, [null, 'SIGKILL'])

  checkStored(t, origin, out, told)
  t.strictSame(storedPaths(out).length, small.length)
  const before = origin.requests.length
  const ended = await runToEnd(t, [large, ...small], { out })
  t.strictSame(countsOf(ended), { stored: 1, 'skipped unchanged by etag': small.length })
  const [resumed, ...more] = origin.requests.slice(before).filter(({ method }) => method === 'GET')
  t.match(resumed, {
    path: '/large',
    status: 206,
    headers: { 'if-range': '"large"', range: `bytes=${4 * MiB}-` },
  })
  t.strictSame(more, [])
  t.equal(resumed?.bodyBytes, 2 * MiB)
  checkStored(t, origin, out, ended.outcomes)
})

t.test('an interrupted run keeps what is there of a large asset', async t => {
  const origin = await start(t)
  const large = origin.asset('/large', { size: 6 * MiB, etag: '"large"' })
  origin.script('/large', [{ after: 3 * MiB, end: 'stall' }])
  const out = place(t)
  const run = sync([large, origin.asset('/small', { size: 10 })], { out })
  for await (const { index } of run) {
    t.equal(index, 1)
    await until(() => run.progress().bytesReceived >= 3 * MiB)
    break
  }
  t.match(run.summary, { entries: 2, failed: { ERR_ABORTED: 1 } })
  const before = origin.bodyBytes
  t.strictSame(countsOf(await runToEnd(t, [large], { out })), { stored: 1 })
  // What was on its way to the disk when the run ended may be missing, and no more.
  const again = origin.bodyBytes - before
  t.ok(again >= 3 * MiB && again <= 4 * MiB, `${again} bytes were sent again`)
  t.strictSame(readFileSync(join(out, storedPaths(out)[0] as string)), origin.bytes('/large'))
})

t.test('a second run has nothing to download where the origin tells what it has', async t => {
  const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT'
  const kinds = {
    strong: { etag: '"1"', lastModified: false },
    weak: { etag: 'W/"1"', lastModified: false },
    dated: { etag: false, lastModified },
    bare: { etag: false, lastModified: false },
    encoded: { etag: false, lastModified: false, encoding: 'gzip' },
  } as const
  const all = Object.keys(kinds).length
  const facts = { etag: '"1"', lastModified: false } as const
  const checks: Record<string, { second: Record<string, number>; methods: string[]; bodies: boolean }> = {
    head: {
      second: {
        'skipped unchanged by etag': 2,
        'skipped unchanged by modified': 1,
        'skipped unchanged by length': 2,
      },
      methods: ['HEAD'],
      bodies: false,
    },
    manifest: {
      second: {
        'skipped unchanged by etag': 2,
        'skipped unchanged by modified': 1,
        'skipped unchanged by length': 2,
      },
      methods: ['HEAD'],
      bodies: false,
    },
    conditional: {
      second: { 'skipped unchanged by length': 2, 'skipped unchanged by not-modified': 3 },
      methods: ['GET', 'HEAD'],
      bodies: false,
    },
    exists: { second: { 'skipped unchanged by exists': all }, methods: [], bodies: false },
    none: { second: { stored: all }, methods: ['GET'], bodies: true },
  }
  for (const [name, { second, methods, bodies }] of Object.entries(checks)) {
    const check = name as Check
    const origin = await start(t)
    const rows = Object.entries(kinds).map(([name, kind]) =>
      origin.asset(`/${name}`, { bytes: 'x'.repeat(999), ...kind }),
    )
    const out = place(t)
    t.strictSame(countsOf(await runToEnd(t, rows, { out, check })), { stored: all }, check)
    const [requests, body] = [origin.requests.length, origin.bodyBytes]
    t.strictSame(countsOf(await runToEnd(t, rows, { out, check })), second, check)
    t.strictSame(
      [...new Set(origin.requests.slice(requests).map(({ method }) => method))].sort(),
      methods,
      check,
    )
    t.equal(origin.bodyBytes > body, bodies, check)

    const hinted = rows.slice(0, 1).map(url => ({ url, etag: facts.etag, size: 999 }))
    const asked = origin.requests.length
    const third = countsOf(await runToEnd(t, hinted, { out, check }))
    if (check !== 'manifest') continue
    t.strictSame(third, { 'skipped unchanged by manifest': 1 })
    t.equal(origin.requests.length, asked, 'no request at all')
  }
})

t.test(
  'an origin that refuses HEAD is asked by conditional GETs, one that fails HEAD is fetched from',
  async t => {
    const [refusing, failing] = [await start(t), await start(t)]
    const rows = [0, 1, 2, 3].flatMap(index => [
      refusing.asset(`/${index}`, { size: 100, head: 405 }),
      failing.asset(`/${index}`, { size: 100, head: 500 }),
    ])
    const out = place(t)
    await runToEnd(t, rows, { out })
    const before = [refusing.requests.length, failing.requests.length]
    t.strictSame(countsOf(await runToEnd(t, rows, { out, concurrency: 1 })), {
      stored: 4,
      'skipped unchanged by not-modified': 4,
    })
    const methods = ({ requests }: Origin, from = 0) => requests.slice(from).map(({ method }) => method)
    t.strictSame(methods(refusing, before[0]), ['HEAD', 'GET', 'GET', 'GET', 'GET'])
    t.strictSame(methods(failing, before[1]).sort(), [...Array(4).fill('GET'), ...Array(4).fill('HEAD')])
  },
)

t.test('an altered file is fetched again, and so is one that came from another URL', async t => {
  const origin = await start(t, { asset: () => ({ size: 100 }) })
  const rows = [0, 1, 2].map(index => ({ url: `${origin.url}/${index}`, path: `${index}` }))
  const out = place(t)
  await runToEnd(t, rows, { out })
  writeFileSync(join(out, '0'), 'altered')
  const changed = rows.map((row, index) => (index === 1 ? { ...row, url: `${origin.url}/9` } : row))
  const { outcomes } = await runToEnd(t, changed, { out })
  t.strictSame(
    outcomes.sort((a, b) => a.index - b.index).map(({ status }) => status),
    ['stored', 'stored', 'skipped'],
  )
  t.strictSame(readFileSync(join(out, '0')), origin.bytes('/0'))
})

t.test(
  'what a killed run stored before it was remembered is fetched again, whatever its length says',
  async t => {
    const origin = await start(t)
    const url = origin.asset('/a', { size: 100, etag: '"new"', lastModified: false })
    const asKilled = (isMarked: boolean): string => {
      const out = place(t)
      const home = join(out, '.sluice')
      mkdirSync(home, { recursive: true })
      if (isMarked) writeFileSync(join(home, 'unfinished'), '')
      writeFileSync(join(out, 'a'), 'x'.repeat(100))
      return out
    }
    const out = asKilled(true)
    t.strictSame(countsOf(await runToEnd(t, [{ url, path: 'a' }], { out })), { stored: 1 })
    t.strictSame(readFileSync(join(out, 'a')), origin.bytes('/a'))
    t.strictSame(countsOf(await runToEnd(t, [{ url, path: 'a' }], { out: asKilled(false) })), {
      'skipped unchanged by length': 1,
    })
  },
)

t.test('with the path as its key an asset is the same under a URL that is signed anew', async t => {
  const origin = await start(t, { asset: path => ({ size: 100, seed: path.replace(/\?.*/, '') }) })
  const out = place(t)
  const signed = (day: string) => [0, 1].map(index => `${origin.url}/${index}?signature=${day}`)
  const options: RunOptions = { out, urlKey: 'path' }
  t.strictSame(countsOf(await runToEnd(t, signed('monday'), options)), { stored: 2 })
  t.strictSame(countsOf(await runToEnd(t, signed('tuesday'), options)), { 'skipped unchanged by etag': 2 })
  t.equal(storedPaths(out).length, 2)
  t.strictSame(
    countsOf(await runToEnd(t, signed('tuesday'), { out })),
    { stored: 2 },
    'by the full URL it is another',
  )
})

t.test(
  'outcomes are a manifest: what failed is tried again, what changed is fetched, the rest is not',
  async t => {
    const origin = await start(t, { asset: path => (path === '/gone' ? undefined : { size: 100 }) })
    const rows: unknown[] = [0, 1, 2].map(index => ({
      url: `${origin.url}/${index}`,
      sku: index,
      headers: { 'x-key': 'k' },
      integrity: undefined,
    }))
    rows.push({ url: `${origin.url}/gone`, path: 'given' }, { url: `${origin.url}/0` }, 'nonsense')
    const out = place(t)
    const first = await runToEnd(t, rows, { out })
    t.strictSame(countsOf(first), {
      stored: 3,
      'skipped duplicate': 1,
      'failed ERR_HTTP_STATUS': 1,
      'failed ERR_ENTRY_INVALID': 1,
    })
    const body = origin.bodyBytes
    const second = await runToEnd(t, manifestOf(first.outcomes), { out })
    t.strictSame(countsOf(second), {
      'skipped unchanged by etag': 3,
      'skipped duplicate': 1,
      'failed ERR_HTTP_STATUS': 1,
      'failed ERR_ENTRY_INVALID': 1,
    })
    t.equal(origin.bodyBytes, body, 'no byte of body')
    t.match(
      second.outcomes.find(({ url }) => url?.endsWith('/1')),
      { sku: 1, headers: { 'x-key': 'k' } },
    )

    origin.asset('/gone', { size: 50 })
    const failed = second.outcomes.filter(({ status }) => status === 'failed')
    const third = await runToEnd(t, manifestOf(failed), { out })
    t.match(
      third.outcomes.find(({ status }) => status === 'stored'),
      { path: 'given' },
    )

    for (const index of [0, 1]) origin.asset(`/${index}`, { size: 100, seed: 'another' })
    const fourth = await runToEnd(t, manifestOf(first.outcomes), { out })
    t.match(countsOf(fourth), { stored: 2, 'skipped unchanged by etag': 2 })
    t.strictSame(readFileSync(join(out, 'given')), origin.bytes('/gone'))
  },
)

t.test('memory does not grow with the catalog', async t => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heapNow = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const origin = await start(t, { asset: () => ({ size: 1 }) })
  const out = place(t)
  const distinct = 500
  const entry = (index: number) => ({ url: `${origin.url}/${index % distinct}`, sku: index })
  const rows = (entries: number) => Readable.from(catalog({ entries, entry }), { objectMode: false })
  await runToEnd(t, rows(distinct), { out })
  let early = 0
  let seen = 0
  const asked = origin.requests.length
  for await (const { status } of sync(rows(200_000), { out, check: 'exists' })) {
    if (status !== 'skipped') t.fail(status)
    if (++seen === 10_000) early = heapNow()
  }
  t.equal(seen, 200_000)
  const grown = heapNow() - early
  t.ok(grown < 4 * MiB, `the heap grew by ${Math.round(grown / KiB)} KiB from 10,000 to 200,000 entries`)
  t.equal(origin.requests.length, asked)
})

t.test('hostile paths never leave the root', async t => {
  const origin = await start(t, { asset: () => ({ size: 10 }) })
  const root = makeRoot(t, { out: {}, beside: { sentinel: 'untouched', 'up.jpg': 'untouched', folder: {} } })
  const out = join(root, 'out')
  symlinkSync('../beside', join(out, 'link'))
  symlinkSync('../beside/sentinel', join(out, 'file-link'))
  const text = readFileSync(join(import.meta.dirname, '../fixtures/manifests/hostile-paths.ndjson'), 'utf8')
  const rows: unknown[] = text
    .replaceAll('https://cdn.example.com', origin.url)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const given = [
    '../beside/sentinel',
    'link/sentinel',
    'link/new',
    'link/folder/new',
    'file-link',
    '..',
    '.',
    '/',
    '~/x',
  ]
  for (const path of given) rows.push({ url: `${origin.url}/given`, path })
  for (const path of [
    '/../../beside/sentinel',
    '/%2e%2e/%2e%2e/beside/sentinel',
    '/..%2f..%2fbeside%2fsentinel',
    '/a%5c..%5c..%5cbeside',
    '/link/../../beside/sentinel',
  ])
    rows.push(origin.url + path)
  const before = treeOf(join(root, 'beside'), { exactly: true })
  for (const path of ['{host}{pathname}', '{basename}', '{sku}', '{pathname}', 'link/{basename}']) {
    const hostile = rows.map(row =>
      typeof row === 'string' ? { url: row, sku: '../../beside/sentinel' } : row,
    )
    const { outcomes } = await runToEnd(t, hostile, { out, path, check: 'none' })
    t.equal(outcomes.length, rows.length)
    t.strictSame(treeOf(join(root, 'beside'), { exactly: true }), before, path)
    t.strictSame(readdirSync(root).sort(), ['beside', 'out'], path)
  }
  t.ok(
    readFileSync(join(out, 'file-link')).length === 10,
    'a link at the end of a path is replaced, not followed',
  )
})
