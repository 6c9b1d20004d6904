import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Origin, type OriginOptions, startOrigin } from '../../fixtures/origin.js'
import { checkEnded, countsOf, type Ended, runToEnd, takeAll } from '../../fixtures/run.js'
import { makeRoot } from '../../fixtures/sink.js'
import { treeOf } from '../../fixtures/tree.js'
import { plan } from '../../lib/run/plan.js'
import type { RunOptions, Source } from '../../lib/run/start-run.js'
import { sync } from '../../lib/run/sync.js'
import type { Check } from '../../lib/stages/incremental.js'

/** An origin with a small asset under every path, a directory that is not there yet, and a place for shadows. */
const start = async (t: Test, options: OriginOptions = { asset: () => ({ size: 2000 }) }) => {
  const origin = await startOrigin(options)
  t.teardown(origin.close)
  const root = makeRoot(t, { shadows: {} })
  const place = join(root, 'shadows')
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = place
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  })
  return {
    origin,
    out: join(root, 'out'),
    url: (path: string | number) => `${origin.url}/${path}`,
    shadows: () => readdirSync(place),
  }
}

type Started = Awaited<ReturnType<typeof start>>

/** A whole plan, with all that it must not do checked. */
const planToEnd = async (
  t: Test,
  { out, shadows, origin }: Started,
  source: Source,
  options: Partial<RunOptions> = {},
): Promise<Ended & { requests: Origin['requests'] }> => {
  const before = existsSync(out) ? treeOf(out, { exactly: true }) : undefined
  const asked = origin.requests.length
  const ended = await takeAll(plan(source, { out, ...options }))
  checkEnded(t, out, ended)
  t.strictSame(existsSync(out) ? treeOf(out, { exactly: true }) : undefined, before, 'nothing is changed')
  t.strictSame(shadows(), [], 'no shadow is left')
  t.match(ended.summary, { stored: 0, bytesStored: 0 })
  return { ...ended, requests: origin.requests.slice(asked) }
}

t.test('where nothing stands everything is planned, and nobody is asked anything', async t => {
  const started = await start(t)
  const { url, out } = started
  const rows = [url(1), { url: url(2), size: 3000 }, { url: url(3), size: 0 }]
  const ended = await planToEnd(t, started, rows, { bwlimit: '8mbit' })
  t.equal(ended.error, undefined)
  t.strictSame(countsOf(ended), { planned: 3 })
  t.strictSame(ended.requests, [])
  t.match(ended.summary, {
    planned: { assets: 3, bytes: 3000, unknownSize: 1 },
    plannedMs: 3,
    bytesReceived: 0,
    exitCode: 0,
  })
  t.notOk(existsSync(out), 'not even the directory is made')
})

t.test('a plan of nothing says so', async t => {
  const { summary } = await planToEnd(t, await start(t), [])
  t.match(summary, { planned: { assets: 0, bytes: 0, unknownSize: 0 }, exitCode: 0, plannedMs: undefined })
})

t.test('an entry is judged as in a sync, but for being fetched', async t => {
  const started = await start(t)
  const { out, url } = started
  const rows = [
    { url: url(1), path: 'a' },
    { url: url(1), path: 'a' },
    { url: url(2), path: 'a' },
    { url: url(3), path: 'a/b' },
    { url: url(4), path: '../up' },
    { url: url(5), path: '.sluice/index' },
    { url: url(6), path: 'directory' },
    { url: url(7), path: 'away/x' },
    { url: url(8), path: 'file/x' },
    { url: 'ftp://a.test/x' },
    { no: 'url' },
    { url: url(9), path: 'b' },
  ]
  mkdirSync(join(out, 'directory'), { recursive: true })
  writeFileSync(join(out, 'file'), '')
  mkdirSync(join(out, '../elsewhere'))
  symlinkSync('../elsewhere', join(out, 'away'))
  const planned = await planToEnd(t, started, rows)
  const done = await runToEnd(t, rows, { out })
  const judged = ({ outcomes }: Ended) =>
    outcomes
      .map(outcome => {
        const { index, status } = outcome
        const of = 'of' in outcome ? outcome.of : undefined
        const error = status === 'failed' ? outcome.error : undefined
        return { index, status: status === 'planned' ? 'stored' : status, of, error }
      })
      .sort((a, b) => a.index - b.index)
  t.strictSame(judged(planned), judged(done))
  t.strictSame(countsOf(planned)['planned'], 2)
  t.equal(planned.summary.exitCode, 1)
})

t.test('for what is stored an origin is asked only what the check needs', async t => {
  const assets = new Map<string, { etag: string; head?: number }>()
  const started = await start(t, { asset: path => ({ size: 100_000, etag: '"1"', ...assets.get(path) }) })
  const { out, url } = started
  const rows = ['same', 'changed', 'refused', 'refused/changed'].map(name => ({
    url: name.startsWith('refused') ? url(name).replace('127.0.0.1', 'localhost') : url(name),
    path: `${name}.jpg`,
    size: 100_000,
  }))
  await runToEnd(t, rows, { out, concurrency: 1 })
  assets.set('/changed', { etag: '"2"' })
  assets.set('/refused', { etag: '"1"', head: 405 })
  assets.set('/refused/changed', { etag: '"2"', head: 405 })
  const all = [...rows, { url: url('new'), path: 'new.jpg' }]
  const [head, get] = ['HEAD', 'GET']
  const cases: Record<string, { counts: Record<string, number>; methods: string[] }> = {
    head: {
      counts: { 'skipped unchanged by etag': 1, 'skipped unchanged by not-modified': 1, planned: 3 },
      methods: [head, head, head, get, get],
    },
    conditional: {
      counts: { 'skipped unchanged by not-modified': 2, planned: 3 },
      methods: [get, get, get, get],
    },
    manifest: { counts: { 'skipped unchanged by manifest': 4, planned: 1 }, methods: [] },
    exists: { counts: { 'skipped unchanged by exists': 4, planned: 1 }, methods: [] },
    none: { counts: { planned: 5 }, methods: [] },
  }
  for (const [check, { counts, methods }] of Object.entries(cases)) {
    const bodies = started.origin.bodyBytes
    const ended = await planToEnd(t, started, all, { check: check as Check, concurrency: 1 })
    t.strictSame(countsOf(ended), counts, check)
    t.strictSame(
      ended.requests.map(({ method }) => method),
      methods,
      check,
    )
    t.ok(started.origin.bodyBytes - bodies <= 2, `${check}: a byte of each changed asset at most`)
  }
})

t.test('a file that was altered is planned, without a question', async t => {
  const started = await start(t)
  const { out, url } = started
  const rows = ['a', 'b'].map(path => ({ url: url(path), path }))
  await runToEnd(t, rows, { out })
  writeFileSync(join(out, 'a'), 'altered')
  utimesSync(join(out, 'b'), 1, 1)
  const ended = await planToEnd(t, started, rows)
  t.strictSame(countsOf(ended), { planned: 2 })
  t.strictSame(ended.requests, [])
})

t.test('what a sync just did is planned no more, and what is planned is what a sync then does', async t => {
  const started = await start(t)
  const { out, url } = started
  const rows = Array.from({ length: 50 }, (_, n) => ({ url: url(n), path: `${n % 45}` }))
  await runToEnd(t, rows.slice(0, 20), { out })
  const planned = await planToEnd(t, started, rows)
  const done = await runToEnd(t, rows, { out })
  t.strictSame(planned.summary.planned?.assets, done.summary.stored)
  t.strictSame(planned.summary.skipped, done.summary.skipped)
  t.strictSame(planned.summary.failed, done.summary.failed)
  t.match(await planToEnd(t, started, rows), { summary: { planned: { assets: 0 } } })
})

t.test('with a damaged index size and time still decide', async t => {
  const started = await start(t, { asset: () => ({ size: 2000, etag: false }) })
  const { out, url } = started
  const rows = [url(1), url(2)]
  await runToEnd(t, rows, { out })
  const index = join(out, '.sluice/index')
  for (const name of readdirSync(index))
    if (/^MANIFEST|log$/.test(name)) writeFileSync(join(index, name), 'x'.repeat(500))
  t.strictSame(countsOf(await planToEnd(t, started, rows)), { 'skipped unchanged by modified': 2 })
  rmSync(join(out, '.sluice'), { recursive: true })
  t.strictSame(countsOf(await planToEnd(t, started, rows)), { 'skipped unchanged by modified': 2 })
  t.notOk(existsSync(join(out, '.sluice')))
})

t.test('a plan is refused while a sync has the directory, and a sync while a plan has it', async t => {
  const { out, url, shadows } = await start(t)
  await runToEnd(t, [url(1)], { out })
  const refusal = { error: { code: 'ERR_DESTINATION', message: `another sluice run is using ${out}` } }
  for (const [holder, other] of [
    [sync, plan],
    [plan, sync],
    [plan, plan],
  ] as const) {
    for await (const _ of holder([url(1)], { out }))
      t.match(await takeAll(other([url(1)], { out })), { ...refusal, summary: { exitCode: 4 } })
    t.match(await takeAll(other([url(1)], { out })), { error: undefined }, 'it is given free')
  }
  t.strictSame(shadows(), [])
})

t.test('a plan that ends early leaves nothing behind, and its directory free', async t => {
  const started = await start(t)
  const { out, url, origin, shadows } = started
  await runToEnd(t, [url(1), url(2)], { out })
  const free = async () => {
    t.strictSame(shadows(), [])
    t.match(await takeAll(sync([], { out })), { error: undefined })
  }
  await t.test('since nobody takes its outcomes any more', async () => {
    for await (const _ of plan([url(1), url(2), url(3)], { out })) break
    await free()
  })
  await t.test('since its caller is interrupted', async t => {
    const interruption = new AbortController()
    origin.script('/1', request => {
      interruption.abort('SIGINT')
      return request.method === 'HEAD' ? { status: 200 } : {}
    })
    const ended = await takeAll(plan([url(1), url(2)], { out, signal: interruption.signal, concurrency: 1 }))
    t.match(ended, { error: { code: 'ERR_ABORTED' }, outcomes: { length: 2 }, summary: { exitCode: 130 } })
    await free()
  })
  await t.test('since the manifest is broken', async t => {
    const broken = (async function* () {
      yield url(3)
      throw new Error('no more')
    })()
    t.match(await takeAll(plan(broken, { out })), {
      error: { code: String },
      outcomes: [{ status: 'planned' }],
    })
    await free()
  })
  await t.test('since too much failed', async t => {
    t.match(await takeAll(plan(['x', 'y', url(1)], { out, maxFailures: 0 })), {
      error: { code: 'ERR_TOO_MANY_FAILURES' },
    })
    await free()
  })
})

t.test('what cannot be looked at ends the plan with 4', async t => {
  const { out, url } = await start(t)
  writeFileSync(out, 'a file')
  for (const place of [out, join(out, 'below')])
    t.match(await takeAll(plan([url(1)], { out: place })), {
      error: { code: 'ERR_DESTINATION', message: `${place} is not a directory` },
      summary: { exitCode: 4, planned: { assets: 0 } },
    })
  t.ok(statSync(out).isFile())
})
