import t, { type Test } from 'tap'
import { namedEntryOf } from '../../fixtures/entries.js'
import { openClient } from '../../fixtures/http-client.js'
import { type Asset, type Origin, type Script, startOrigin } from '../../fixtures/origin.js'
import { recordingPool } from '../../fixtures/recording-pool.js'
import type { LocalFile, NamedEntry } from '../../lib/entry.js'
import { SyncError } from '../../lib/errors.js'
import { ended } from '../../lib/flow/halt.js'
import { firstHops } from '../../lib/http/redirect.js'
import { plan } from '../../lib/stages/plan.js'
import { newWork } from '../../lib/work.js'

const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT'
const file = { bytes: 10, mtimeMs: Date.parse(lastModified) }
const local: LocalFile = {
  ...file,
  known: { ...file, urlKey: 'key', wireBytes: 10, etag: '"1"' },
  stale: false,
}
const MiB = 1024 * 1024

const start = async (t: Test): Promise<Origin> => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  return origin
}

const stageOf = (t: Test, headers = {}) =>
  plan({ client: openClient(t).client, hopTo: firstHops(() => [headers]) })

/** What becomes of an entry whose file is to be compared with the asset at its origin. */
const compare = async (
  t: Test,
  { asset, script, ...fields }: { asset?: Asset; script?: Script } & Partial<NamedEntry>,
) => {
  const origin = await start(t)
  const url = origin.asset('/a', asset)
  if (script) origin.script('/a', script)
  const work = newWork()
  const outcome = await stageOf(t)(namedEntryOf(0, { url, local, conditional: true, ...fields }), work)
  return { outcome, origin, work }
}

t.test('what is to be fetched is planned by what the manifest tells, without a request', async t => {
  const origin = await start(t)
  const url = origin.asset('/a', { size: 10 })
  const stage = stageOf(t)
  const echo = { index: 3, url, path: 'x/a', status: 'planned' }
  const found = { length: 77 }
  t.strictSame(await stage(namedEntryOf(3, { url, path: 'x/a' })), echo)
  t.strictSame(await stage(namedEntryOf(3, { url, path: 'x/a', local })), echo)
  t.strictSame(await stage({ ...namedEntryOf(3, { url, path: 'x/a', local }), found }), echo)
  t.strictSame(await stage(namedEntryOf(3, { url, path: 'x/a', size: 0, sku: 'A1' })), {
    ...echo,
    bytes: 0,
    size: 0,
    sku: 'A1',
  })
  t.equal(origin.requests.length, 0)
})

t.test('what a HEAD has cost is told', async t => {
  const work = Object.assign(newWork(), { received: 321 })
  t.match(await stageOf(t)(namedEntryOf(0, { local }), work), { status: 'planned', received: 321 })
})

t.test('an unchanged asset is told by a condition', async t => {
  const { outcome, origin, work } = await compare(t, { asset: { size: 10, etag: '"1"' } })
  t.match(outcome, {
    status: 'skipped',
    reason: 'unchanged',
    by: 'not-modified',
    bytes: 10,
    received: work.received,
  })
  t.ok(work.received > 0)
  t.match(origin.requests, [{ method: 'GET', headers: { 'if-none-match': '"1"' } }])
})

t.test('where no condition can be made nothing is asked', async t => {
  const { etag: _, ...nameless } = local.known ?? {}
  for (const [title, other] of Object.entries({
    'an altered file': { ...file, stale: true },
    'without an index': { ...file, stale: false },
    'without a validator': { ...local, known: nameless as NonNullable<LocalFile['known']> },
  })) {
    const { outcome, origin } = await compare(t, { local: other })
    t.match(outcome, { status: 'planned', received: undefined }, title)
    t.equal(origin.requests.length, 0, title)
  }
})

t.test('the body of a changed asset is not downloaded', async t => {
  const size = 8 * MiB
  const cases: [title: string, asset: Asset, most: number][] = [
    ['with ranges', { size, etag: '"2"' }, 1],
    ['an empty asset', { size: 0, etag: '"2"' }, 0],
    ['without ranges', { size, etag: '"2"', ranges: false }, 64 * 1024],
    ['of unknown length', { size, etag: '"2"', ranges: false, framing: 'chunked' }, 64 * 1024],
    ['up to the end of the connection', { size, etag: '"2"', ranges: false, framing: 'close' }, 64 * 1024],
  ]
  for (const [title, asset, most] of cases) {
    const { outcome, work } = await compare(t, { asset })
    t.match(outcome, { status: 'planned', received: work.received }, title)
    // What the socket brings along at once is more than what is read on purpose.
    t.ok(work.received <= most + (most > 1 ? 128 * 1024 : 1024), `${title}: ${work.received}`)
  }
})

t.test('a question that fails leaves the asset to the sync', async t => {
  const cases: [title: string, script: Script][] = [
    ...[401, 404, 410, 412, 416, 429, 500, 503].map((status): [string, Script] => [`${status}`, { status }]),
    ['a cut connection', { raw: '' }],
    ['no HTTP', { raw: 'hello\r\n\r\n' }],
    ['a redirect to nowhere', { status: 302 }],
  ]
  for (const [title, script] of cases) {
    const { outcome, origin } = await compare(t, { script })
    t.match(outcome, { status: 'planned' }, title)
    t.equal(origin.requests.length, 1, `${title}: it is not repeated`)
  }
})

t.test('a redirect is followed to the answer', async t => {
  const origin = await start(t)
  origin.asset('/b', { size: 10, etag: '"1"' })
  const url = origin.script('/a', { status: 302, headers: { location: '/b' } })
  const entry = namedEntryOf(0, { url, local, conditional: true })
  t.match(await stageOf(t)(entry), { by: 'not-modified' })
})

t.test('the headers of the run and of the entry go along, and those of the entry win', async t => {
  const origin = await start(t)
  const url = origin.asset('/a')
  const headers = { Authorization: 'entry' }
  await stageOf(t, { authorization: 'run', 'x-run': 'run' })(
    namedEntryOf(0, { url, headers, local, conditional: true }),
  )
  t.match(origin.requests[0]?.headers, { authorization: 'entry', 'x-run': 'run' })
})

t.test('what a sync would only meet again is thrown', async t => {
  await t.rejects(compare(t, { script: { status: 503, headers: { 'retry-after': '86400' } } }), {
    code: 'ERR_RETRY_AFTER',
  })
  for (const error of [ended(), new SyncError('ERR_POOL', 'the pool is gone')]) {
    const { client } = openClient(t, { pool: recordingPool({ gate: () => Promise.reject(error) }) })
    const entry = namedEntryOf(0, { local, conditional: true })
    await t.rejects(plan({ client, hopTo: firstHops() })(entry), error)
  }
})
