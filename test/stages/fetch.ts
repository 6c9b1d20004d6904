import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { namedEntryOf } from '../../fixtures/entries.js'
import { openClient } from '../../fixtures/http-client.js'
import { memorySink } from '../../fixtures/memory-sink.js'
import { type Asset, type Origin, type Script, startOrigin } from '../../fixtures/origin.js'
import { makeSink } from '../../fixtures/sink.js'
import { until } from '../../fixtures/until.js'
import type { NamedEntry, StoredAsset } from '../../lib/entry.js'
import { SyncError } from '../../lib/errors.js'
import { customSink } from '../../lib/files/custom-sink.js'
import { ended } from '../../lib/flow/halt.js'
import { downloader } from '../../lib/http/download.js'
import { pacing } from '../../lib/http/pacing.js'
import { firstHops } from '../../lib/http/redirect.js'
import { type FetchOptions, fetch } from '../../lib/stages/fetch.js'
import { newWork } from '../../lib/work.js'
import { wrap } from '../../lib/wrap.js'

const MiB = 1024 * 1024

/** The stage over a real origin and a real disk; what it remembered and how long it backed off. */
const make = async (
  t: Test,
  { asset, script }: { asset: Asset; script?: Script },
  options: Partial<FetchOptions> = {},
) => {
  const origin: Origin = await startOrigin()
  t.teardown(origin.close)
  const url = origin.asset('/a.jpg', asset)
  if (script) origin.script('/a.jpg', script)
  const { sink, folders } = makeSink(t)
  const { client, origins, abort, halt } = openClient(t)
  const unpaced = pacing({
    rate: () => Number.POSITIVE_INFINITY,
    segment: () => 'auto',
    requestsPerSecond: () => Number.POSITIVE_INFINITY,
  })
  const remembered: [string, StoredAsset][] = []
  const waits: number[] = []
  const stage = fetch({
    open: sink.open,
    download: downloader({
      client,
      origins,
      pacing: unpaced,
      hopTo: firstHops(),
      accept: '*/*',
      maxBytes: Number.POSITIVE_INFINITY,
      halted: halt.signal,
    }),
    remember: async (...record) => void remembered.push(record),
    retries: { retries: 2, baseMs: 1000, maxMs: 60_000 },
    sleep: async ms => void waits.push(ms),
    ...options,
  })
  const at = (path: string) => join(folders.root, path)
  return {
    origin,
    remembered,
    waits,
    abort,
    partials: () => readdirSync(folders.partial),
    at,
    run: (fields: Partial<NamedEntry> & Record<string, unknown> = {}, work = newWork()) =>
      stage(namedEntryOf(3, { url, path: 'x/a.jpg', ...fields }), work),
  }
}

t.test('an asset is stored whole, described and remembered', async t => {
  const { run, remembered, origin, at } = await make(t, { asset: { size: 5000, etag: '"1"' } })
  const work = newWork()
  const outcome = await run({ sku: 7 }, work)
  t.match(outcome, {
    index: 3,
    path: 'x/a.jpg',
    status: 'stored',
    bytes: 5000,
    received: work.received,
    etag: '"1"',
    lastModified: 'Wed, 21 Oct 2015 07:28:00 GMT',
    type: 'image/jpeg',
    digest: /^sha256-/,
    attempts: 1,
    ms: Number,
    sku: 7,
    verified: undefined,
    encoding: undefined,
  })
  t.ok(work.received > 5000)
  t.strictSame(readFileSync(at('x/a.jpg')), origin.bytes('/a.jpg'))
  t.match(remembered, [
    [
      'x/a.jpg',
      {
        urlKey: 'key',
        etag: '"1"',
        wireBytes: 5000,
        bytes: 5000,
        digest: /^sha256-/,
        mtimeMs: 1445412480000,
      },
    ],
  ])
})

t.test('back-offs count for the time that an asset may take, and end with it', async t => {
  const script = [{ status: 503 }, { status: 503 }, { status: 503 }]
  const maxTimeMs = () => 10
  const retries = { retries: 5, baseMs: 1e9, maxMs: 1e9 }
  const { run, waits, origin } = await make(t, { asset: { size: 10 }, script }, { maxTimeMs, retries })
  await t.rejects(run(), { code: 'ERR_TOO_SLOW', scope: 'entry' })
  t.equal(origin.requests.length, 1)
  t.ok((waits[0] ?? 11) <= 10)
})

t.test('what the origin tells an asset to wait counts as well, and is not waited for in vain', async t => {
  const script = [{ status: 503, headers: { 'retry-after': '20' } }]
  const { run, origin } = await make(t, { asset: { size: 10 }, script }, { maxTimeMs: () => 2000 })
  await t.rejects(run(), { code: 'ERR_TOO_SLOW', scope: 'entry' })
  t.equal(origin.requests.length, 1)
})

t.test('who goes on in turn, since descriptors had run out, keeps its slot', async t => {
  const kept: boolean[] = []
  const failing = { code: 'EMFILE', syscall: 'open' }
  const open = async () => {
    kept.push(work.keepsSlot)
    throw wrap(Object.assign(new Error('too many'), failing))
  }
  const work = newWork()
  const { run } = await make(t, { asset: { size: 10 } }, { open })
  await t.rejects(run({}, work), { code: 'ERR_DESTINATION' })
  t.strictSame([...kept, work.keepsSlot], [false, true, true, false])
})

t.test('an encoded asset is stored decoded and says so', async t => {
  const asset: Asset = { bytes: 'x'.repeat(5000), encoding: 'gzip', etag: false, lastModified: false }
  const { run, remembered, at } = await make(t, { asset })
  t.match(await run(), { status: 'stored', bytes: 5000, encoding: 'gzip', etag: undefined })
  t.equal(readFileSync(at('x/a.jpg'), 'utf8'), asset.bytes)
  const [, facts] = remembered[0] as [string, StoredAsset]
  t.ok(facts.wireBytes < 100, 'the length to compare with is that on the wire')
})

t.test('a body whose end nothing proves is stored unverified, unless the entry does', async t => {
  const asset: Asset = { size: 100, framing: 'close' }
  const { run, remembered } = await make(t, { asset })
  t.match(await run(), { status: 'stored', verified: false })
  t.match(await run({ size: 100 }), { status: 'stored', verified: undefined })
  const [, { digest = '' }] = remembered[0] as [string, StoredAsset]
  t.match(await run({ integrity: digest as never }), { status: 'stored', verified: undefined })
})

t.test('a digest that was demanded is remembered beside the one that is reported', async t => {
  const bytes = 'x'.repeat(100)
  const sri = (algorithm: string) =>
    `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}` as never
  const { run, remembered } = await make(t, { asset: { bytes } })
  const cases: [demanded: string, integrity: string | undefined][] = [
    ['md5', sri('md5')],
    ['sha512', sri('sha512')],
    ['sha256', undefined],
  ]
  for (const [demanded, integrity] of cases) {
    await run({ integrity: sri(demanded) })
    t.match(remembered.at(-1), ['x/a.jpg', { digest: sri('sha256'), integrity }], demanded)
  }
})

t.test('what the origin says is not modified is skipped, and nothing is touched', async t => {
  const { run, remembered, at } = await make(t, { asset: { size: 100, etag: '"1"' } })
  const known = { urlKey: 'key', etag: '"1"', wireBytes: 100, bytes: 100, mtimeMs: 0 }
  const work = newWork()
  const local = { bytes: 100, mtimeMs: 0, known, stale: false }
  t.match(await run({ conditional: true, local }, work), {
    status: 'skipped',
    by: 'not-modified',
    bytes: 100,
    received: work.received,
  })
  t.strictSame(remembered, [])
  t.notOk(existsSync(at('x/a.jpg')))
})

t.test('a failed attempt is made again after a back-off, from the bytes that are there', async t => {
  const { run, waits, origin, at } = await make(t, {
    asset: { size: 3 * MiB, etag: '"1"' },
    script: [{ status: 500 }, { after: 2 * MiB }],
  })
  t.match(await run(), { status: 'stored', attempts: 3, bytes: 3 * MiB })
  t.equal(waits.length, 2)
  t.ok(waits.every((ms, n) => ms >= 0 && ms <= 1000 * 2 ** n))
  t.match(origin.requests[2]?.headers, { 'if-range': '"1"', range: `bytes=${2 * MiB}-` })
  t.strictSame(readFileSync(at('x/a.jpg')), origin.bytes('/a.jpg'))
})

t.test('the entry rests while it backs off, and is at work during an attempt', async t => {
  const { run, origin } = await make(t, { asset: { size: 10 }, script: [{ status: 500 }] })
  const steps: string[] = []
  const work = newWork(async wait => {
    steps.push(`rests after ${origin.requests.length} requests`)
    return wait()
  })
  await run({}, work)
  t.strictSame(steps, ['rests after 1 requests'])
})

t.test('what cannot be had is thrown, and what stood there stays', async t => {
  const { run, origin, at, waits } = await make(t, { asset: { size: 10 } })
  await run()
  const cases: {
    title: string
    script: Script
    code: string
    retries: number
    fields?: Record<string, unknown>
  }[] = [
    { title: 'gone', script: { status: 404 }, code: 'ERR_HTTP_STATUS', retries: 0 },
    { title: 'failing for ever', script: { status: 500 }, code: 'ERR_HTTP_STATUS', retries: 2 },
    { title: 'short for ever', script: { after: 0 }, code: 'ERR_BODY_SHORT', retries: 2 },
    { title: 'of the wrong length', script: {}, code: 'ERR_BODY_SHORT', retries: 0, fields: { size: 11 } },
    {
      title: 'of the wrong content, which is tried once more',
      script: {},
      code: 'ERR_INTEGRITY',
      retries: 1,
      fields: { integrity: `sha256-${Buffer.alloc(32).toString('base64')}` },
    },
  ]
  const before = readFileSync(at('x/a.jpg'))
  for (const { title, script, code, retries, fields } of cases) {
    origin.script('/a.jpg', script)
    waits.length = 0
    await t.rejects(run(fields), { code }, title)
    t.equal(waits.length, retries, title)
    t.strictSame(readFileSync(at('x/a.jpg')), before, title)
  }
})

t.test('a large partial is kept when retries are spent, and the next run goes on from it', async t => {
  const { run, origin, partials, at } = await make(t, {
    asset: { size: 3 * MiB, etag: '"1"' },
    script: [{ after: 2 * MiB }, { status: 500 }, { status: 500 }],
  })
  await t.rejects(run(), { code: 'ERR_HTTP_STATUS' })
  t.equal(partials().length, 2, 'the bytes and what they are a part of')
  t.match(await run(), { status: 'stored', bytes: 3 * MiB, attempts: 1 })
  t.match(origin.requests.at(-1)?.headers, { 'if-range': '"1"', range: `bytes=${2 * MiB}-` })
  t.strictSame(readFileSync(at('x/a.jpg')), origin.bytes('/a.jpg'))
  t.strictSame(partials(), [])
})

t.test('the end of the run ends a back-off and an attempt', async t => {
  const { run, abort, origin } = await make(
    t,
    { asset: { size: 10 }, script: [{ status: 500 }, { latencyMs: Number.POSITIVE_INFINITY }] },
    { sleep: () => Promise.reject(ended()) },
  )
  await t.rejects(run(), { code: 'ERR_ABORTED' })
  const silent = run()
  await until(() => origin.requests.length === 2)
  abort.abort(ended())
  await t.rejects(silent, { code: 'ERR_ABORTED' })
})

t.test('what a sink calls a matter of the attempt is tried again from the start', async t => {
  for (const failing of ['create', 'write', 'commit']) {
    let failures = 0
    const sink = memorySink(step => {
      if (step === failing && failures++ === 0)
        throw new SyncError('ERR_NETWORK', 'the bucket is busy', { scope: 'attempt' })
    })
    const signal = new AbortController().signal
    const { open } = customSink(sink, { digest: 'none', halted: signal, aborted: signal })
    const { run, waits, origin } = await make(t, { asset: { size: 5000 } }, { open })
    t.match(await run(), { status: 'stored', attempts: 2, bytes: 5000 }, failing)
    t.equal(waits.length, 1)
    t.strictSame(sink.files.get('x/a.jpg'), origin.bytes('/a.jpg'))
    t.equal(
      sink.log.filter(step => step === 'discard').length,
      failing === 'create' ? 0 : 1,
      'the upload that failed is given up',
    )
  }
})
