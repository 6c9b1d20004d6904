import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { gate } from '../../fixtures/gate.js'
import { openClient } from '../../fixtures/http-client.js'
import { makeSink } from '../../fixtures/sink.js'
import type { Entry, StoredAsset } from '../../lib/entry.js'
import { openClaims } from '../../lib/files/claims.js'
import { halting } from '../../lib/flow/halt.js'
import { count, newTally } from '../../lib/flow/tally.js'
import { firstHops } from '../../lib/http/redirect.js'
import type { Outcome } from '../../lib/outcome.js'
import { planPipeline, type SyncPipelineOptions, syncPipeline } from '../../lib/run/pipeline.js'

/** The stages over a real disk, with downloads that end when `download` does. */
const make = (t: Test, options: Partial<SyncPipelineOptions> = {}, pipelineOf = syncPipeline) => {
  const { sink, folders } = makeSink(t)
  const { client, origins } = openClient(t)
  const claims = openClaims(`${folders.root}/.sluice/claims`, { fold: path => path })
  const halt = halting({ graceMs: 60_000 })
  t.teardown(async () => {
    halt.close()
    await claims.close()
  })
  const index = new Map<string, StoredAsset>()
  const tally = newTally()
  const stages = pipelineOf({
    template: ({ assetUrl }) => assetUrl.pathname.slice(1),
    safePath: path => path,
    urlKey: ({ href }) => href,
    claim: claims.claim,
    stat: sink.stat,
    get: async path => index.get(path),
    check: 'exists',
    client,
    origins,
    hopTo: firstHops(),
    open: sink.open,
    download: () => async () => ({ wireBytes: 0, isProven: true }),
    remember: async (path, asset) => void index.set(path, asset),
    retries: { retries: 0, baseMs: 0, maxMs: 0 },
    sleep: () => setImmediate(),
    halt,
    concurrency: 10,
    perOrigin: () => 6,
    count: item => count(tally, item),
    ...options,
  })
  const run = (entries: Iterable<Entry> | AsyncIterable<Entry>): Promise<Outcome[]> =>
    groupsOf(entries)
      .pipe(stages)
      .flatMap((group: Outcome[]) => group)
      .toArray()
  return { run, stages, tally, halt }
}

/** Each a group of its own. */
const groupsOf = (entries: Iterable<Entry> | AsyncIterable<Entry>): Readable =>
  Readable.from(entries, { highWaterMark: 1 }).map(entry => [entry])

const wordOf = (outcome: Outcome): string =>
  outcome.status === 'failed'
    ? outcome.error.code
    : outcome.status === 'skipped'
      ? outcome.reason
      : outcome.status

t.test('an entry is named, claimed, looked up, checked and fetched, and counted at the end', async t => {
  const { run, tally } = make(t)
  const entries = [
    entryOf(0, { path: 'a' }),
    entryOf(1, { path: 'b' }),
    entryOf(1, { path: 'b' }),
    entryOf(3, { path: 'b' }),
    entryOf(4, { path: 'a/c' }),
  ].map((entry, index) => ({ ...entry, index }))
  const outcomes = await run(entries)
  t.strictSame(outcomes.sort((a, b) => a.index - b.index).map(wordOf), [
    'stored',
    'stored',
    'duplicate',
    'ERR_PATH_TAKEN',
    'ERR_PATH_TAKEN',
  ])
  t.match(tally, { entries: 5, stored: 2, skipped: { duplicate: 1 }, failed: { ERR_PATH_TAKEN: 2 } })
})

t.test('a plan takes the same way, and ends where a sync would fetch', async t => {
  let fetched = 0
  const download = () => async () => ({ wireBytes: fetched++, isProven: true })
  const { run, tally } = make(t, { download }, planPipeline)
  const entries = ['a', 'a', 'a/b'].map((path, index) => ({ ...entryOf(index >> 1, { path }), index }))
  const outcomes = await run(entries)
  t.strictSame(outcomes.sort((a, b) => a.index - b.index).map(wordOf), [
    'planned',
    'duplicate',
    'ERR_PATH_TAKEN',
  ])
  t.match(tally, { entries: 3, stored: 0, planned: { assets: 1 } })
  t.equal(fetched, 0)
})

t.test(
  'of many claims on one path the first of the manifest wins, however look-ups overtake one another',
  async t => {
    let turns = 0
    const { run } = make(t, {
      check: 'none',
      stat: () => ({ bytes: 0, mtimeMs: 0 }),
      get: async () => {
        for (let turn = 7 * ++turns; turn % 5 > 0; turn--) await setImmediate()
        return undefined
      },
    })
    // The second of each two claims the path of the first, now and then from an origin that has few entries.
    const entries = Array.from({ length: 1000 }, (_, index) =>
      entryOf(index, { path: `${index >> 1}`, host: index % 20 === 1 ? 'few.test' : 'many.test' }),
    )
    const outcomes = await run(entries)
    t.strictSame(
      outcomes
        .filter(({ status }) => status === 'stored')
        .map(({ index }) => index)
        .sort((a, b) => a - b),
      Array.from({ length: 500 }, (_, index) => 2 * index),
    )
    for (const outcome of outcomes)
      if ('of' in outcome && outcome.of !== outcome.index - 1) t.fail(`${outcome.index} of ${outcome.of}`)
  },
)

t.test('look-ups are made many at a time', async t => {
  let waiting = 0
  let most = 0
  const all = gate()
  const { stages } = make(t, {
    stat: () => ({ bytes: 0, mtimeMs: 0 }),
    get: async () => {
      most = Math.max(most, ++waiting)
      await all.promise
      return undefined
    },
  })
  const group = Array.from({ length: 128 }, (_, index) => entryOf(index))
  stages.end(group)
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  t.equal(most, 128)
  all.open()
  t.equal((await stages.toArray()).flat().length, 128)
})

t.test(
  'entries of a held origin rest in the look-ahead: others pass until it is full, then reading stops',
  async t => {
    const held = gate()
    const { stages, halt } = make(t, {
      download: (entry, _draft, work) => async () => {
        if (entry.assetUrl.hostname === 'held.test') await work.rest(() => held.promise)
        return { wireBytes: 0, isProven: true }
      },
    })
    let read = 0
    const endless = function* () {
      for (; read < 4_000; ) yield entryOf(read, { host: read++ % 10 ? 'held.test' : 'quick.test' })
    }
    const outcomes: Outcome[] = []
    groupsOf(endless()).pipe(stages)
    stages.on('data', (group: Outcome[]) => outcomes.push(...group))
    const settled = async () => {
      for (let before = -1; before !== read; ) {
        before = read
        for (let turn = 0; turn < 50; turn++) await setImmediate()
      }
    }
    await settled()
    const ofHeld = (read * 9) / 10
    t.ok(ofHeld >= 1024 && ofHeld < 1024 + 256 + 200, `${read} were read`)
    t.ok(outcomes.every(({ url }) => url?.includes('quick.test')))
    t.ok(outcomes.length > 100, `${outcomes.length} of the other origin`)
    held.open()
    await new Promise(resolve => stages.once('end', resolve))
    t.equal(outcomes.length, 4_000)
    t.equal(halt.error, undefined)
  },
)

t.test('no more than the limits are fetched at once', async t => {
  const inFlight = new Map<string, number>()
  let all = 0
  let [most, mostOfOrigin] = [0, 0]
  const { run } = make(t, {
    download:
      ({ assetUrl: { hostname } }) =>
      async () => {
        const ofOrigin = (inFlight.get(hostname) ?? 0) + 1
        inFlight.set(hostname, ofOrigin)
        most = Math.max(most, ++all)
        mostOfOrigin = Math.max(mostOfOrigin, ofOrigin)
        await setImmediate()
        inFlight.set(hostname, (inFlight.get(hostname) ?? 0) - 1)
        all--
        return { wireBytes: 0, isProven: true }
      },
  })
  await run(
    Array.from({ length: 200 }, (_, index) =>
      entryOf(index, { host: index % 10 < 8 ? 'busy.test' : `${index % 3}.test` }),
    ),
  )
  t.equal(most, 10)
  t.equal(mostOfOrigin, 6)
})

t.test('after a halt everything that was read settles without being fetched', async t => {
  const started: number[] = []
  const { run, halt } = make(t, {
    download:
      ({ index }) =>
      async () => {
        started.push(index)
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      },
  })
  const outcomes = await run(Array.from({ length: 500 }, (_, index) => entryOf(index)))
  t.equal(outcomes.length, 500)
  t.ok(started.length <= 6)
  t.equal(halt.error?.code, 'ERR_DESTINATION')
  t.strictSame([...new Set(outcomes.map(wordOf))].sort(), ['ERR_ABORTED', 'ERR_DESTINATION'])
})
