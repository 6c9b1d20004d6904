import { getEventListeners, once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { type Origin, type OriginOptions, type Script, startOrigin } from '../../fixtures/origin.js'
import { checkEnded, countsOf, runToEnd, takeAll } from '../../fixtures/run.js'
import { makeRoot } from '../../fixtures/sink.js'
import { until } from '../../fixtures/until.js'
import { SyncError } from '../../lib/errors.js'
import type { Progress, RunOptions, Source } from '../../lib/run/start-run.js'
import { sync } from '../../lib/run/sync.js'

/** An origin that has a small asset under every path, and a directory that is not there yet. */
const start = async (
  t: Test,
  options: OriginOptions = { asset: () => ({ size: 2000 }) },
): Promise<{ origin: Origin; out: string; url: (path: string | number) => string }> => {
  const origin = await startOrigin(options)
  t.teardown(origin.close)
  return { origin, out: join(makeRoot(t), 'out'), url: path => `${origin.url}/${path}` }
}

const urlsOf = (url: (path: number) => string, count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, n) => url(first + n))

/** A source that says nothing more after its first rows, until it is told. */
const talkative = (...first: unknown[]) => {
  const rows = new PassThrough()
  const say = (...more: unknown[]) => rows.write(more.map(row => `${JSON.stringify(row)}\n`).join(''))
  say(...first)
  return { rows, say }
}

t.test('under a cap a hold that meets the first request of all holds up nobody for good', async t => {
  const { origin, out, url } = await start(t)
  const cdn = await start(t)
  cdn.origin.script('/0', [{ status: 429, headers: { 'retry-after': '1' } }])
  for (let n = 0; n < 12; n++) origin.script(`/${n}`, { status: 302, headers: { location: cdn.url(n) } })
  const { summary } = await runToEnd(t, urlsOf(url, 12), { out, bwlimit: '50mbit' })
  t.equal(summary.stored, 12)
})

t.test('wrong options are refused at the call, and nothing is touched', async t => {
  const { out, origin, url } = await start(t)
  const source = new PassThrough()
  const cases: [source: unknown, options: object][] = [
    [source, { concurrency: 0 }],
    [source, { perorigin: 3 }],
    [source, { select: 'a', format: 'urls' }],
    [source, { signal: new AbortController() }],
    [source, { out: '' }],
    [url(1), {}],
    [[url(1)], { select: 'a' }],
    [[url(1)], { format: 'urls' }],
    [undefined, {}],
  ]
  for (const [source, options] of cases)
    t.throws(() => sync(source as Source, { out, ...options } as RunOptions), { code: 'ERR_OPTION' })
  t.notOk(existsSync(out))
  t.equal(source.destroyed, false)
  t.equal(origin.requests.length, 0)
})

t.test('a run begins with its iteration: before, nothing is opened, read or timed', async t => {
  const { out } = await start(t)
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const { signal } = new AbortController()
  let asked = 0
  const rows = (function* () {
    yield asked++ as unknown
  })()
  const run = sync(rows, { out, signal, bwlimit: '00:00,8mbit 12:00,16mbit' })
  await new Promise(setImmediate)
  t.notOk(existsSync(out))
  t.equal(asked, 0)
  t.equal(timers(), before)
  t.equal(getEventListeners(signal, 'abort').length, 0)
  t.equal(run.summary, undefined)
  t.match(run.progress(), { read: 0, entries: 0, rate: 0, bytesReceived: 0 })
  t.ok([1e6, 2e6].includes(run.progress().cap))
})

t.test('assets are stored and told of, one outcome each', async t => {
  const { out, url, origin } = await start(t)
  const { signal } = new AbortController()
  const { outcomes, error, summary } = await runToEnd(t, urlsOf(url, 30), { out, signal })
  t.equal(getEventListeners(signal, 'abort').length, 0, 'nothing of the run is left at the signal')
  t.equal(error, undefined)
  t.equal(outcomes.length, 30)
  for (const { path = '', url } of outcomes)
    t.strictSame(readFileSync(join(out, path)), origin.bytes(new URL(url ?? '').pathname))
  t.match(summary, {
    entries: 30,
    stored: 30,
    bytesStored: 60_000,
    exitCode: 0,
    cap: null,
    capBreached: false,
  })
  t.ok(summary.bytesReceived > 60_000)
  t.equal(
    summary.bytesReceived,
    outcomes.reduce((sum, outcome) => sum + (outcome.received ?? 0), 0),
  )
})

t.test('a manifest is read from bytes, entries from anything that yields them', async t => {
  const { out, url } = await start(t)
  const sources: [name: string, source: Source, options?: Partial<RunOptions>][] = [
    ['bytes', Readable.from([`${url(1)}\n`, url(2)], { objectMode: false })],
    [
      'web stream',
      new Blob([JSON.stringify({ url: url(1) }), '\n', JSON.stringify(url(2))]).stream() as never,
    ],
    [
      'one document',
      Readable.from([JSON.stringify({ a: [url(1), url(2)] })], { objectMode: false }),
      { select: 'a.*' },
    ],
    ['array', [url(1), { url: url(2) }]],
    ['objects', Readable.from([url(1), url(2)])],
  ]
  for (const [name, source, options] of sources)
    t.strictSame(countsOf(await runToEnd(t, source, { out, check: 'none', ...options })), { stored: 2 }, name)
})

t.test('rows that are no entries are failed outcomes, and the run goes on', async t => {
  const { out, url } = await start(t)
  const rows = [url(1), 'nonsense', 7, { url: 'ftp://a.test/1' }, { url: url(2), path: '../up' }, url(3)]
  const ended = await runToEnd(t, rows, { out })
  t.strictSame(countsOf(ended), {
    stored: 2,
    'failed ERR_ENTRY_INVALID': 2,
    'failed ERR_URL_SCHEME': 1,
    'failed ERR_PATH_INVALID': 1,
  })
  t.equal(ended.error, undefined)
  t.equal(ended.summary.exitCode, 1)
})

t.test('a row that holds itself is one failed outcome, and the run goes on', async t => {
  const { out, url } = await start(t)
  const list: unknown[] = []
  list.push(list)
  const row: Record<string, unknown> = { path: 'a' }
  row['url'] = row
  const ended = await runToEnd(t, [list, row, url(1)], { out })
  t.strictSame(countsOf(ended), { 'failed ERR_ENTRY_INVALID': 2, stored: 1 })
  t.equal(ended.error, undefined)
})

t.test('a failure that comes after an entry was named tells its path', async t => {
  const { out, url } = await start(t)
  await runToEnd(t, [{ url: url(1), path: 'a/b' }], { out })
  const { outcomes } = await runToEnd(t, [url(2)], { out, path: 'a' })
  t.match(outcomes, [{ path: 'a', error: { code: 'ERR_PATH_TAKEN' } }])
})

t.test('the first outcome is there before the source ends', async t => {
  const { out, url } = await start(t)
  const { rows, say } = talkative(url(1))
  const run = sync(rows, { out })
  const outcomes = run[Symbol.asyncIterator]()
  t.match(await outcomes.next(), { value: { index: 0, status: 'stored' } })
  t.match(run.progress(), { read: 1, entries: 1, stored: 1 })
  say(url(2))
  t.match(await outcomes.next(), { value: { index: 1, status: 'stored' } })
  rows.end()
  t.match(await outcomes.next(), { done: true })
})

t.test('a source that never ends is ended by the signal, and let go of', async t => {
  const { out, url } = await start(t)
  const { rows } = talkative(url(1))
  const interruption = new AbortController()
  const run = sync(rows, { out, signal: interruption.signal })
  const outcomes = run[Symbol.asyncIterator]()
  await outcomes.next()
  interruption.abort('SIGTERM')
  await t.rejects(outcomes.next(), { code: 'ERR_ABORTED', cause: 'SIGTERM' })
  t.match(run.summary, { entries: 1, stored: 1, exitCode: 143 })
  t.ok(rows.destroyed)
  t.equal(getEventListeners(interruption.signal, 'abort').length, 0)
})

t.test('what waits ends at once with the signal, and every entry read gets its outcome', async t => {
  const { out, url, origin } = await start(t)
  const cases: Record<string, Partial<RunOptions>> = {
    'for its back-off': { retryBase: '1d', retryMax: '1d' },
    'for an origin that asked to wait': {},
    'for the cap': { bwlimit: '1kbit' },
    'for its turn among the requests': { tpslimit: '1/h' },
  }
  for (const [title, options] of Object.entries(cases)) {
    const isHeld = title.includes('origin')
    for (let n = 0; n < 8; n++)
      origin.script(`/${n}`, { status: 503, ...(isHeld && { headers: { 'retry-after': '60' } }) })
    const interruption = new AbortController()
    const { rows } = talkative(...urlsOf(url, 8))
    const run = sync(rows, { out, signal: interruption.signal, concurrency: 2, ...options })
    const ended = takeAll(run)
    await until(() => run.progress().read === 8)
    const before = performance.now()
    interruption.abort('SIGINT')
    const { error, outcomes, summary } = await ended
    checkEnded(t, out, { error, outcomes, summary })
    t.ok(performance.now() - before < 2000, title)
    t.strictSame(countsOf({ outcomes }), { 'failed ERR_ABORTED': 8 }, title)
    t.match(error, { code: 'ERR_ABORTED' })
    t.equal(summary.exitCode, 130)
  }
})

t.test(
  'progress tells what is in flight, what waits for what, and how many rows there are once that is known',
  async t => {
    const { out, url, origin } = await start(t)
    const cases: [
      title: string,
      options: Partial<RunOptions>,
      step: Script | undefined,
      expected: Partial<Progress>,
    ][] = [
      [
        'the cap',
        { bwlimit: '1kbit' },
        undefined,
        // The others wait for what the first one finds out of the origin.
        { inFlight: 1, waiting: { cap: 1, request: 0, origin: 0, retry: 0, slot: 7 } },
      ],
      [
        'a held origin',
        {},
        { status: 429, headers: { 'retry-after': '60' } },
        { inFlight: 0, waiting: { cap: 0, request: 0, origin: 8, retry: 0, slot: 0 } },
      ],
      [
        'a back-off',
        { retryBase: '1d', retryMax: '1d' },
        { status: 503 },
        { inFlight: 0, waiting: { cap: 0, request: 0, origin: 0, retry: 8, slot: 0 } },
      ],
      [
        'an answer',
        {},
        { latencyMs: Number.POSITIVE_INFINITY },
        { inFlight: 2, waiting: { cap: 0, request: 0, origin: 0, retry: 0, slot: 6 } },
      ],
    ]
    for (const [title, options, step, expected] of cases) {
      for (let n = 0; n < 8; n++) origin.script(`/${n}`, step ?? {})
      const interruption = new AbortController()
      const { rows } = talkative(...urlsOf(url, 8))
      const run = sync(rows, { out, signal: interruption.signal, concurrency: 2, ...options })
      const ended = takeAll(run)
      const { waiting, inFlight } = expected
      const isSo = () => {
        const now = run.progress()
        return JSON.stringify([now.waiting, now.inFlight]) === JSON.stringify([waiting, inFlight])
      }
      await until(isSo)
      t.match(run.progress(), { read: 8, total: undefined }, title)
      rows.end()
      await until(() => run.progress().total !== undefined)
      t.equal(run.progress().total, 8, title)
      interruption.abort('SIGINT')
      await ended
      t.match(
        run.progress(),
        { inFlight: 0, waiting: { cap: 0, request: 0, origin: 0, retry: 0, slot: 0 } },
        title,
      )
    }
  },
)

t.test('an attempt that failed is told of before the next one, by which of how many it was', async t => {
  const { out, url, origin } = await start(t)
  origin.script('/1', [{ status: 503 }, { status: 429, headers: { 'retry-after': '1' } }])
  const events: unknown[] = []
  const { outcomes } = await runToEnd(t, [url(0), url(1)], {
    out,
    retryBase: 0,
    observe: event => events.push(event),
  })
  t.strictSame(countsOf({ outcomes }), { stored: 2 })
  const facts = { event: 'retry', index: 1, url: url(1), attempts: 4, code: 'ERR_HTTP_STATUS' }
  t.strictSame(events, [
    { ...facts, attempt: 1, message: 'the origin answered 503', waitMs: 0 },
    { ...facts, attempt: 2, message: 'the origin answered 429', waitMs: 1000 },
  ])
})

t.test('an observer that fails ends the run as a bug, whatever it fails with and however', async t => {
  const { out, url, origin } = await start(t)
  const observers: RunOptions['observe'][] = [
    () => {
      throw new Error('no such table')
    },
    () => {
      throw new SyncError('ERR_TYPE', 'no such table')
    },
    async () => {
      throw new Error('no such table')
    },
  ]
  for (const observe of observers) {
    origin.script('/1', { status: 503 })
    const { outcomes, error, summary } = await runToEnd(t, [url(1)], { out, retryBase: '1d', observe })
    t.match(error, { code: 'ERR_INTERNAL', message: 'observe failed: no such table' })
    t.strictSame(countsOf({ outcomes }), { 'failed ERR_ABORTED': 1 })
    t.equal(summary.exitCode, 70)
  }
})

t.test('a signal that was aborted before ends the run before it reads', async t => {
  const { out, url } = await start(t)
  const { error, outcomes } = await runToEnd(t, [url(1)], { out, signal: AbortSignal.abort('SIGINT') })
  t.equal(error?.code, 'ERR_ABORTED')
  t.strictSame(outcomes, [])
})

t.test('too many failures end the run in good order', async t => {
  const { out, url } = await start(t)
  const cases: { maxFailures: string; failing: number; of: number; code?: string; exitCode: number }[] = [
    { maxFailures: '3', failing: 3, of: 500, exitCode: 1 },
    { maxFailures: '3', failing: 4, of: 5000, code: 'ERR_TOO_MANY_FAILURES', exitCode: 5 },
    { maxFailures: '0', failing: 1, of: 5000, code: 'ERR_TOO_MANY_FAILURES', exitCode: 5 },
    { maxFailures: '50%', failing: 50, of: 99, exitCode: 1 },
    { maxFailures: '10%', failing: 200, of: 5000, code: 'ERR_TOO_MANY_FAILURES', exitCode: 5 },
  ]
  for (const { maxFailures, failing, of, code, exitCode } of cases) {
    const rows = Array.from({ length: of }, (_, n) => (n < failing ? 'nonsense' : url('same')))
    const { error, outcomes, summary } = await runToEnd(t, rows, { out, maxFailures })
    t.equal(error?.code, code, `${failing} of ${of}, ${maxFailures}`)
    t.equal(summary.exitCode, exitCode)
    if (code) t.ok(outcomes.length < of, 'reading stopped')
    else t.equal(outcomes.length, of)
  }
})

t.test(
  'everything before a fault of the manifest is processed, then the run ends with the fault',
  async t => {
    const { out, url } = await start(t)
    const whole = JSON.stringify(urlsOf(url, 50))
    for (const [title, text, offset] of [
      ['truncated', whole.slice(0, -1), whole.length - 1],
      ['followed by garbage', `${whole}x`, whole.length],
    ] as const) {
      const { error, outcomes, summary } = await runToEnd(t, Readable.from([text], { objectMode: false }), {
        out,
      })
      t.match(error, { code: 'ERR_MANIFEST', offset }, title)
      t.equal(outcomes.length, 50)
      t.ok(outcomes.every(({ status }) => status !== 'failed'))
      t.equal(summary.exitCode, 3)
    }
  },
)

t.test('one run has a directory at a time, and gives it back', async t => {
  const { out, url } = await start(t)
  const { rows } = talkative(url(1))
  const first = sync(rows, { out })[Symbol.asyncIterator]()
  await first.next()
  const other = new PassThrough()
  const second = await takeAll(sync(other, { out }))
  t.match(second.error, { code: 'ERR_DESTINATION', message: /another sluice run is using/ })
  t.match(second.summary, { entries: 0, exitCode: 4 })
  t.ok(other.destroyed, 'the source that it did not read is let go of')
  rows.end(`${JSON.stringify(url(2))}\n`)
  t.match(await first.next(), { value: { status: 'stored' } }, 'the first run goes on')
  await first.next()
  t.strictSame(countsOf(await runToEnd(t, [url(3)], { out })), { stored: 1 })
})

t.test('a destination that cannot be used ends the run before it reads', async t => {
  const { out, url } = await start(t)
  const { error, summary, outcomes } = await takeAll(sync([url(1)], { out: join(import.meta.filename, out) }))
  t.match(error, { code: 'ERR_DESTINATION' })
  t.strictSame(outcomes, [])
  t.equal(summary.exitCode, 4)
})

t.test('leaving the loop ends the run: connections, temporary files and the lock are gone', async t => {
  const { out, url, origin } = await start(t)
  origin.script('/silent', { latencyMs: Number.POSITIVE_INFINITY })
  origin.asset('/stalled', { size: 1e6 })
  origin.script('/stalled', { after: 5e5, end: 'stall' })
  const { rows } = talkative(url('silent'), url('stalled'), ...urlsOf(url, 300))
  const run = sync(rows, { out })
  for await (const _outcome of run) {
    await until(() => readdirSync(join(out, '.sluice/tmp')).length > 0)
    break
  }
  t.ok(rows.destroyed)
  t.strictSame(readdirSync(join(out, '.sluice/tmp')), [])
  t.match(run.summary, { entries: run.progress().read, failed: { ERR_ABORTED: Number }, exitCode: 130 })
  await until(() => origin.openConnections === 0)
  t.strictSame(countsOf(await runToEnd(t, [url('new')], { out })), { stored: 1 })
})

t.test('leaving before the beginning lets go of the source, and there is a summary', async t => {
  const { out } = await start(t)
  const { rows } = talkative()
  const run = sync(rows, { out })
  await run[Symbol.asyncIterator]().return?.()
  t.match(run.summary, { entries: 0, exitCode: 130, cap: null })
  t.ok(rows.destroyed)
  t.notOk(existsSync(out))
})

t.test('a second loop over a run is refused, even after the first was left', async t => {
  const { out, url } = await start(t)
  const run = sync([url(1), url(2)], { out })
  for await (const _outcome of run) break
  t.match((await takeAll(run)).error, { code: 'ERR_OPTION', message: /^run: expected one loop/ })
})

t.test('a throw in the loop ends the run, too, and is what the caller gets', async t => {
  const { out, url } = await start(t)
  const { rows } = talkative(url(1))
  await t.rejects(
    async () => {
      for await (const outcome of sync(rows, { out })) throw new Error(outcome.status)
    },
    { message: 'stored' },
  )
  t.ok(rows.destroyed)
})

t.test('a bug in the plumbing ends the run as a bug', async t => {
  const { sync: syncWithBug } = await t.mockImport<typeof import('../../lib/run/sync.js')>(
    '../../lib/run/sync.js',
    {
      '../../lib/run/pipeline.js': {
        syncPipeline: () =>
          new PassThrough({
            objectMode: true,
            transform: (_item, _encoding, done) => done(new TypeError('a bug')),
          }),
      },
    },
  )
  const { out, url } = await start(t)
  const run = syncWithBug([url(1)], { out })
  await t.rejects(async () => run[Symbol.asyncIterator]().next(), { code: 'ERR_INTERNAL', message: 'a bug' })
  t.equal(run.summary?.exitCode, 70)
  t.strictSame(countsOf(await runToEnd(t, [url(1)], { out })), { stored: 1 }, 'the lock is free')
})

t.test('two runs in one process have limits of their own', async t => {
  const { out, url } = await start(t)
  const interruption = new AbortController()
  const slow = sync(urlsOf(url, 20), { out: `${out}/slow`, bwlimit: '16kbit', signal: interruption.signal })
  const fast = sync(urlsOf(url, 20), { out: `${out}/fast` })
  const waiting = takeAll(slow)
  t.match((await takeAll(fast)).summary, { stored: 20, cap: null })
  t.match(slow.progress(), { cap: 2000, stored: 0 })
  interruption.abort('SIGINT')
  t.match((await waiting).summary, { cap: 2000, stored: 0 })
})

t.test('a capped run tells its cap and whether it was kept', async t => {
  const { out, url } = await start(t)
  const { summary } = await runToEnd(t, urlsOf(url, 4), { out, bwlimit: '10M' })
  t.match(summary, { cap: 10 * 1024 * 1024, capBreached: false })
})

t.test('a stream that fails before the iteration begins fails the run, not the process', async t => {
  const { out } = await start(t)
  const rows = new PassThrough()
  const run = sync(rows, { out })
  rows.destroy(new Error('unplugged'))
  await once(rows, 'close').catch(() => {})
  const { error } = await takeAll(run)
  t.match(error, { code: 'ERR_MANIFEST', message: 'the manifest cannot be read: unplugged' })
})
