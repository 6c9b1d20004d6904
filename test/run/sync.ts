import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { memorySink } from '../../fixtures/memory-sink.js'
import { startOrigin } from '../../fixtures/origin.js'
import { recordingPool } from '../../fixtures/recording-pool.js'
import { runToEnd, takeAll } from '../../fixtures/run.js'
import { makeRoot } from '../../fixtures/sink.js'
import { SyncError } from '../../lib/errors.js'
import { plan } from '../../lib/run/plan.js'
import { sharedPool } from '../../lib/run/shared-pool.js'
import type { Run } from '../../lib/run/start-run.js'
import { sync } from '../../lib/run/sync.js'
import type { Sink, StoredFile } from '../../lib/sink.js'

t.test('what the source names is on disk once its outcome says so', async t => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  const out = join(t.testdir({}), 'out')
  const rows = ['a', 'b'].map(path => ({ url: origin.asset(`/${path}`, { size: 10 }), path }))
  const run = sync(rows, { out })
  for await (const { status, path = '' } of run) {
    t.equal(status, 'stored')
    t.ok(existsSync(join(out, path)), path)
  }
  t.match(run.summary, { entries: 2, stored: 2, exitCode: 0 })
})

t.test('wrong options are refused at the call, before anything is touched', async t => {
  const out = join(t.testdir({}), 'out')
  t.throws(() => sync([], { out, concurrency: 0 }), { code: 'ERR_OPTION', message: /--concurrency/ })
  t.notOk(existsSync(out))
  const withoutOptions = sync as unknown as (source: Iterable<string>) => unknown
  t.throws(() => withoutOptions([]), { code: 'ERR_OPTION', message: /--out/ })
})

/** An origin with assets of 1,000 bytes, and a directory that is not there yet. */
const start = async (t: Test) => {
  const origin = await startOrigin({ asset: () => ({ size: 1000 }) })
  t.teardown(origin.close)
  return { origin, out: join(makeRoot(t), 'out') }
}

t.test('runs that share a pool draw on it and leave it open', async t => {
  const { origin, out } = await start(t)
  const other = await startOrigin({ asset: () => ({ size: 1000 }) })
  t.teardown(other.close)
  const pool = recordingPool({ rate: 1e6 })
  const shared = { ...pool, close: () => t.fail('the pool is closed') }
  const runs = [
    sync([`${origin.url}/a`], { out, pool: shared }),
    sync([`${other.url}/b`], { out: `${out}-other`, pool: shared }),
  ]
  t.equal(runs[0]?.progress().cap, 1e6, 'its cap is told before the run begins')
  for (const { summary } of await Promise.all(runs.map(takeAll))) t.match(summary, { stored: 1, cap: 1e6 })
  t.strictSame(pool.grants.map(grant => grant.origin).sort(), [origin.url, other.url].sort())
})

t.test('ranges grow until the requests of a shared pool are not what limits its rate', async t => {
  const { origin, out } = await start(t)
  const pool = sharedPool({ bwlimit: '10MB', tpslimit: 20 })
  t.teardown(pool.close)
  const url = origin.asset('/large', { size: 1_000_000 })
  t.match((await runToEnd(t, [url], { out, pool })).outcomes, [{ status: 'stored' }])
  t.strictSame(
    origin.requests.map(({ headers }) => headers.range),
    ['bytes=0-549999', 'bytes=550000-999999'],
  )
})

t.test('assets go to a sink of the caller, and what is known of them stays in the directory', async t => {
  const { origin, out } = await start(t)
  const sink = memorySink()
  const rows = ['a', 'b'].map(path => ({ url: `${origin.url}/${path}`, path }))
  t.match((await runToEnd(t, rows, { out, sink })).outcomes, [{ status: 'stored' }, { status: 'stored' }])
  t.strictSame([...sink.files.keys()].sort(), ['a', 'b'])
  t.strictSame(sink.files.get('a'), origin.bytes('/a'))
  t.strictSame(readdirSync(out), ['.sluice'])

  sink.files.delete('b')
  const statuses = async (run: Run) =>
    (await takeAll(run)).outcomes.sort((a, b) => a.index - b.index).map(({ status }) => status)
  t.strictSame(await statuses(plan(rows, { out, sink })), ['skipped', 'planned'])
  t.strictSame(await statuses(sync(rows, { out, sink })), ['skipped', 'stored'])
  sink.files.set('a', Buffer.from('altered'))
  t.strictSame(await statuses(sync(rows, { out, sink })), ['stored', 'skipped'])
})

t.test('what is not what the entry demands is never committed to a sink', async t => {
  const { origin, out } = await start(t)
  const sink = memorySink()
  const integrity = 'md5-AAAAAAAAAAAAAAAAAAAAAA=='
  const { outcomes } = await runToEnd(t, [{ url: `${origin.url}/a`, integrity }], { out, sink, retryBase: 0 })
  t.match(outcomes, [{ status: 'failed', error: { code: 'ERR_INTEGRITY' }, attempts: 2 }])
  t.equal(sink.files.size, 0)
  t.equal(sink.log.filter(step => step === 'discard').length, 2)
})

t.test('a sink that fails ends the run, unless it says that only the asset is to fail', async t => {
  const { origin, out } = await start(t)
  const urls = ['a', 'b'].map(path => `${origin.url}/${path}`)
  const failing = (error: Error) =>
    memorySink(step => {
      if (step === 'commit') throw error
    })
  const ended = await runToEnd(t, urls, { out, sink: failing(new Error('no such bucket')), concurrency: 1 })
  t.match(ended.error, { code: 'ERR_DESTINATION', message: 'the sink failed: no such bucket' })
  t.match(ended.summary, { exitCode: 4, failed: { ERR_DESTINATION: 1, ERR_ABORTED: 1 } })
  const refusal = new SyncError('ERR_DESTINATION', 'the key is too long', { scope: 'entry' })
  const { error, summary } = await runToEnd(t, urls, { out, sink: failing(refusal) })
  t.equal(error, undefined)
  t.match(summary, { exitCode: 1, failed: { ERR_DESTINATION: 2 } })
})

t.test('the fields of an entry come back in its outcome, by type as well', async t => {
  const { origin, out } = await start(t)
  const url = `${origin.url}/a`
  for await (const outcome of sync([{ url, path: 'a', sku: 'x', size: 1000 }], { out })) {
    const { sku, size }: { sku: string; size: number } = outcome
    t.strictSame([sku, size], ['x', 1000])
    // @ts-expect-error no row has such a field
    t.equal(outcome.colour, undefined)
    if (outcome.status === 'failed') t.fail(outcome.error.code)
    // @ts-expect-error what is not stored has no attempts, or may have none
    else t.equal(outcome.attempts satisfies number, 1)
  }
  const rows = async function* () {
    yield { url, stock: 3 as number | null }
  }
  for await (const { stock } of sync(rows(), { out })) t.equal(stock satisfies number | null, 3)
  for await (const outcome of sync([url], { out })) {
    // @ts-expect-error a URL has no fields
    t.equal(outcome.sku, undefined)
  }
  const bytes = Readable.from([Buffer.from(JSON.stringify({ url, sku: 'x' }))], { objectMode: false })
  for await (const { sku } of plan(bytes, { out })) t.equal(sku satisfies unknown, 'x')
  for await (const outcome of sync([], { out })) t.fail(outcome.status)
})

t.test('what never has a URL does not compile', async t => {
  const { origin, out } = await start(t)
  const url = `${origin.url}/a`
  const cases: [refused: () => unknown, isThrown: boolean][] = [
    // @ts-expect-error text is no source
    [() => sync(url, { out }), true],
    // @ts-expect-error a number is no row
    [() => sync([42], { out }), false],
    // @ts-expect-error no row has a url
    [() => plan([{ sku: 1 }], { out }), false],
  ]
  for (const [refused, isThrown] of cases)
    if (isThrown) t.throws(refused, { code: 'ERR_OPTION', message: /a single URL goes into an array/ })
    else t.ok(refused())
  for await (const { sku } of sync([url, { url: new URL(url), path: 'b', sku: 'x' }, new URL(url)], { out }))
    t.ok([undefined, 'x'].includes(sku satisfies string | undefined))
  const pieces = [Buffer.from(`{"url":"${url}",`), Buffer.from('"sku":"x"}')]
  for await (const { sku } of sync(pieces, { out })) t.equal(sku satisfies unknown, 'x')
})

t.test(
  'a sink is asked for nothing twice, with or without times, whatever it makes of the bytes',
  async t => {
    const { origin } = await start(t)
    const url = origin.asset('/a', { size: 1000, etag: false, lastModified: false })
    const kinds: Record<string, StoredFile> = {
      'without times': { bytes: 1000 },
      'that compresses': { bytes: 10, mtimeMs: 5 },
    }
    for (const [kind, held] of Object.entries(kinds)) {
      const out = join(makeRoot(t), kind)
      let stands: StoredFile | undefined
      const sink: Sink = {
        stat: () => stands,
        create: () => ({
          write() {},
          commit() {
            stands = held
            return held
          },
          discard() {},
        }),
      }
      const rows = [{ url, path: 'a', size: 1000 }]
      t.match((await runToEnd(t, rows, { out, sink })).outcomes, [{ status: 'stored', bytes: 1000 }], kind)
      const again = await runToEnd(t, rows, { out, sink })
      t.match(again.outcomes, [{ status: 'skipped', by: 'length', bytes: 1000 }], kind)
      if (held.bytes !== 1000) continue
      const elsewhere = await runToEnd(t, rows, { out: `${out}-without-index`, sink })
      t.match(elsewhere.outcomes, [{ status: 'skipped', by: 'length' }], 'the length alone tells')
    }
  },
)
