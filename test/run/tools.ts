import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import chain from 'stream-chain'
import t, { type Test } from 'tap'
import { namedEntryOf } from '../../fixtures/entries.js'
import { type Script, startOrigin } from '../../fixtures/origin.js'
import { descriptorsBelow, makeRoot } from '../../fixtures/sink.js'
import { until } from '../../fixtures/until.js'
import { entries } from '../../lib/entries.js'
import { SyncError } from '../../lib/errors.js'
import { parallel } from '../../lib/flow/parallel.js'
import { compose, settle } from '../../lib/flow/settle.js'
import type { Item, Outcome } from '../../lib/outcome.js'
import type { RunOptions } from '../../lib/run/context.js'
import { openTools, type Tools } from '../../lib/run/tools.js'
import { dedupe } from '../../lib/stages/dedupe.js'
import { fetch } from '../../lib/stages/fetch.js'
import { incremental } from '../../lib/stages/incremental.js'
import { name } from '../../lib/stages/name.js'
import { plan } from '../../lib/stages/plan.js'
import { recall } from '../../lib/stages/recall.js'

const make = async (t: Test, options: Partial<RunOptions> = {}) => {
  const origin = await startOrigin({ asset: path => (path === '/missing' ? undefined : { size: 1000 }) })
  t.teardown(origin.close)
  const out = join(makeRoot(t), 'out')
  const tools = await openTools({ out, path: '{basename}', ...options })
  t.teardown(tools.close)
  return { origin, out, tools }
}

/** Rows through a chain of somebody's own: a function of theirs, then our stages. */
const run = async (rows: Iterable<string>, tools: Tools, last = settle(fetch(tools))): Promise<Outcome[]> => {
  const outcomes: Outcome[] = []
  const flow = chain([
    Readable.from(rows),
    (url: string) => ({ url, sku: url.length }),
    entries(),
    settle(name(tools)),
    settle(dedupe(tools)),
    settle(recall(tools)),
    parallel(compose(settle(incremental(tools)), last), tools),
  ])
  for await (const outcome of flow) outcomes.push(outcome)
  return outcomes.sort((a, b) => a.index - b.index)
}

t.test("the stages of a sync work in a chain of one's own", async t => {
  const { origin, out, tools } = await make(t)
  const rows = ['/a', '/b', '/a', '/missing'].map(path => origin.url + path)
  const wordsOf = (outcomes: Outcome[]) => outcomes.map(({ status }) => status)
  const outcomes = await run(rows, tools)
  t.strictSame(wordsOf(outcomes), ['stored', 'stored', 'skipped', 'failed'])
  t.match(outcomes[0], { path: 'a', bytes: 1000, sku: `${origin.url}/a`.length })
  t.strictSame(readFileSync(join(out, 'b')), origin.bytes('/b'))
  await tools.close()
  const again = await openTools({ out, path: '{basename}' })
  t.teardown(again.close)
  const unchanged = { status: 'skipped', reason: 'unchanged', by: 'etag' }
  t.match(await run(rows.slice(0, 2), again), [unchanged, unchanged])
})

t.test('the last stage can be that of a plan', async t => {
  const { origin, out, tools } = await make(t)
  t.match(await run([`${origin.url}/a`], tools, settle(plan(tools))), [{ status: 'planned', path: 'a' }])
  t.notOk(existsSync(join(out, 'a')))
})

t.test('an abort ends what is under way, and the chain comes to its end', async t => {
  const controller = new AbortController()
  const { origin, tools } = await make(t, { signal: controller.signal })
  const url = origin.script('/slow', { latencyMs: Number.POSITIVE_INFINITY })
  const running = run([url], tools)
  await until(() => origin.requests.length > 0)
  controller.abort()
  t.match(await running, [{ status: 'failed', error: { code: 'ERR_ABORTED' } }])
})

t.test('the directory is held until the tools are closed, and closing twice is closing once', async t => {
  const { out, tools } = await make(t)
  await t.rejects(openTools({ out }), { code: 'ERR_DESTINATION', message: /another sluice run/ })
  await Promise.all([tools.close(), tools.close()])
  await (await openTools({ out })).close()
})

/** An asset on its way through the stages that fetch, and where it has got to. */
const fetching = async (t: Test, path: string, script: Script) => {
  const { origin, out, tools } = await make(t)
  const url = origin.script(path, script)
  const stage = compose(settle(name(tools), tools), settle(fetch(tools), tools))
  const outcome = Promise.resolve(stage(entries()({ url }) as Item))
  await until(() => readdirSync(join(out, '.sluice/tmp')).length > 0)
  return { origin, out, tools, outcome, stage }
}

t.test('closing lets an asset that is being fetched finish in its own directory', async t => {
  const { origin, out, tools, outcome } = await fetching(t, '/a', { drip: { bytes: 400, everyMs: 20 } })
  await tools.close()
  const next = await openTools({ out: `${out}-next` })
  t.teardown(next.close)
  t.match(await outcome, { status: 'stored', path: 'a' })
  t.strictSame(readFileSync(join(out, 'a')), origin.bytes('/a'))
  t.strictSame(readdirSync(`${out}-next`), ['.sluice'])
  await next.close()
  const again = await openTools({ out, path: '{basename}' })
  t.teardown(again.close)
  t.match(await again.get('a'), { bytes: 1000 }, 'what was stored is remembered')
})

t.test('what does not finish within the grace fails, and leaves neither files nor descriptors', async t => {
  const { out, tools, outcome, stage } = await fetching(t, '/a', { after: 500, end: 'stall' })
  const closing = tools.close()
  t.ok(tools.halt.halted.aborted, 'nothing new begins')
  await t.rejects(openTools({ out }), { message: /another sluice run/ }, 'held until it has let go')
  tools.halt.stopNow(new SyncError('ERR_ABORTED', 'the grace is over', { scope: 'run' }))
  await closing
  t.strictSame(descriptorsBelow(`${out}/`), [])
  t.strictSame(readdirSync(join(out, '.sluice/tmp')), [])
  t.match(await outcome, { status: 'failed', error: { code: 'ERR_ABORTED' } })
  t.match(await stage(entries()('http://localhost/late') as Item), { status: 'failed' })
  t.notOk(existsSync(join(out, 'late')))
})

t.test('closed tools open and look up nothing, and a close that ends nothing is no error', async t => {
  const { tools } = await make(t)
  await tools.close()
  t.equal(tools.halt.error, undefined)
  const closed = { code: 'ERR_DESTINATION', message: 'the sink is closed' }
  const entry = namedEntryOf(0, { path: 'a' })
  await t.rejects(tools.open(entry, { urlKey: 'key', resume: true }), closed)
  t.throws(() => tools.stat('a'), closed)
})

t.test('what only a run can keep is refused, rather than ignored', async t => {
  const out = join(makeRoot(t), 'out')
  for (const option of [{ maxFailures: 1 }, { format: 'json' }, { select: 'a.*' }])
    await t.rejects(openTools({ out, ...option }), {
      code: 'ERR_OPTION',
      message: `${Object.keys(option)[0]}: expected no option that only a run can keep`,
    })
  t.notOk(existsSync(out))
})

t.test('wrong options and directories are refused, and nothing stays open', async t => {
  await t.rejects(openTools({ out: 'd', concurrency: 0 }), { code: 'ERR_OPTION' })
  const out = makeRoot(t, { file: '' })
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const timetable = '00:00,50mbit 12:00,off'
  await t.rejects(openTools({ out: join(out, 'file'), bwlimit: timetable }), { code: 'ERR_DESTINATION' })
  t.equal(timers(), before)
})

t.test('a close also ends what only asks, such as a HEAD', async t => {
  const { origin, out, tools } = await make(t)
  const url = `${origin.url}/a`
  await run([url], tools)
  await tools.close()
  origin.script('/a', { latencyMs: Number.POSITIVE_INFINITY })
  const again = await openTools({ out, path: '{basename}' })
  const asking = run([url], again)
  await until(() => origin.requests.some(({ method }) => method === 'HEAD'))
  await again.close()
  t.match(await asking, [{ status: 'failed', error: { code: 'ERR_ABORTED' } }])
})
