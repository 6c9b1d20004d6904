import t, { type Test } from 'tap'
import { namedEntryOf } from '../../fixtures/entries.js'
import { openClient } from '../../fixtures/http-client.js'
import { type Asset, type Origin, type Script, startOrigin } from '../../fixtures/origin.js'
import { recordingPool } from '../../fixtures/recording-pool.js'
import type { LocalFile, NamedEntry, StoredAsset } from '../../lib/entry.js'
import { SyncError } from '../../lib/errors.js'
import { ended } from '../../lib/flow/halt.js'
import { firstHops } from '../../lib/http/redirect.js'
import { type Check, incremental } from '../../lib/stages/incremental.js'
import { newWork } from '../../lib/work.js'

const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT'
const asset: Asset = { size: 10, etag: '"1"', lastModified }
const file = { bytes: 10, mtimeMs: Date.parse(lastModified) }
const base: StoredAsset = { ...file, urlKey: 'key', wireBytes: 10 }
const localOf = (facts: Partial<StoredAsset> = { etag: '"1"', lastModified }): LocalFile => ({
  ...file,
  known: { ...base, ...facts },
  stale: false,
})

const start = async (t: Test): Promise<Origin> => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  return origin
}

/** The stage with a client of its own, over one entry after the other. */
const stageOf = (t: Test, check: Check, headers = {}) => {
  const { client, origins } = openClient(t)
  return incremental({ check, client, origins, hopTo: firstHops(() => [headers]) })
}

/** What became of the entry, in a word, and which requests that took. */
const verdictOf = async (
  t: Test,
  origin: Origin,
  check: Check,
  fields: Partial<NamedEntry> & Record<string, unknown>,
) => {
  const before = origin.requests.length
  const work = newWork()
  const item = await stageOf(t, check)(namedEntryOf(0, fields), work)
  const verdict =
    'status' in item ? `unchanged by ${item.by}` : item.conditional ? 'ask for changes' : 'fetch'
  return { verdict, requests: origin.requests.slice(before).map(({ method }) => method), item, work }
}

type Case = {
  title: string
  check?: Check
  local?: LocalFile
  fields?: Record<string, unknown>
  asset?: Asset
  script?: Script
  verdict: string
  requests?: string[]
}

const stale: LocalFile = { ...file, stale: true }
const other = { etag: '"2"', lastModified: 'Thu, 22 Oct 2015 07:28:00 GMT' }
const sha = `sha256-${Buffer.alloc(32).toString('base64')}`
const otherSha = `sha256-${Buffer.alloc(32, 1).toString('base64')}`
const md5 = `md5-${Buffer.alloc(16).toString('base64')}`
const head = ['HEAD']

const cases: Case[] = [
  { title: 'head: the same strong ETag', verdict: 'unchanged by etag', requests: head },
  { title: 'head: another strong ETag', local: localOf({ etag: '"2"' }), verdict: 'fetch', requests: head },
  {
    title: 'head: the same date',
    local: localOf({ lastModified }),
    asset: { ...asset, etag: false },
    verdict: 'unchanged by modified',
    requests: head,
  },
  {
    title: 'head: only a length, the same',
    local: localOf({}),
    asset: { size: 10, etag: false, lastModified: false },
    verdict: 'unchanged by length',
    requests: head,
  },
  {
    title: 'head: only a length, another',
    local: localOf({}),
    asset: { size: 11, etag: false, lastModified: false },
    verdict: 'fetch',
    requests: head,
  },
  {
    title: 'head: without an index the file itself is compared',
    local: { ...file, stale: false },
    verdict: 'unchanged by modified',
    requests: head,
  },
  {
    title: 'head: the length of an encoded asset is compared with what came over the wire',
    local: localOf({ bytes: 10, wireBytes: 30 }),
    asset: { bytes: 'x'.repeat(10), etag: false, lastModified: false, encoding: 'gzip' },
    script: { headers: { 'content-length': '30' } },
    verdict: 'unchanged by length',
    requests: head,
  },
  {
    title: 'head: the length of an encoded asset tells nothing where the index is missing',
    local: { ...file, stale: false },
    asset: { bytes: 'x'.repeat(10), etag: false, lastModified: false, encoding: 'gzip' },
    verdict: 'fetch',
    requests: head,
  },
  {
    title: 'head: refused, where the index is missing',
    local: { ...file, stale: false },
    asset: { ...asset, head: 405 },
    verdict: 'fetch',
    requests: head,
  },
  {
    title: 'conditional: where the index is missing a HEAD tells the length as well',
    check: 'conditional',
    local: { ...file, bytes: 5, stale: false },
    verdict: 'fetch',
    requests: head,
  },
  {
    title: 'head: nothing to compare',
    local: localOf(),
    asset: { size: 10, etag: false, lastModified: false, framing: 'chunked' },
    verdict: 'ask for changes',
    requests: head,
  },
  ...[400, 403, 405, 501].map(status => ({
    title: `head: refused with ${status}`,
    asset: { ...asset, head: status },
    verdict: 'ask for changes',
    requests: head,
  })),
  ...[401, 404, 410, 429, 500, 503].map(status => ({
    title: `head: failing with ${status}`,
    asset: { ...asset, head: status },
    verdict: 'fetch',
    requests: head,
  })),
  { title: 'head: the connection is cut', script: { raw: '' }, verdict: 'fetch', requests: head },
  { title: 'head: nothing stands there', local: undefined as never, verdict: 'fetch' },
  { title: 'head: an altered file', local: stale, verdict: 'fetch' },
  { title: 'head: another size is demanded', fields: { size: 11 }, verdict: 'fetch' },
  {
    title: 'head: the size is as demanded',
    fields: { size: 10 },
    verdict: 'unchanged by etag',
    requests: head,
  },
  {
    title: 'head: another digest is demanded',
    local: localOf({ etag: '"1"', digest: sha }),
    fields: { integrity: otherSha },
    verdict: 'fetch',
  },
  {
    title: 'head: the digest is as demanded',
    local: localOf({ etag: '"1"', digest: sha }),
    fields: { integrity: sha },
    verdict: 'unchanged by etag',
    requests: head,
  },
  {
    title: 'head: a digest is demanded that nobody has computed',
    local: localOf({ etag: '"1"', digest: 'md5-x' }),
    fields: { integrity: sha },
    verdict: 'fetch',
  },
  {
    title: 'head: a digest is demanded and no digest is known',
    fields: { integrity: sha },
    verdict: 'fetch',
  },
  {
    title: 'head: a digest is demanded where the index is missing',
    local: { ...file, stale: false },
    fields: { integrity: sha },
    verdict: 'fetch',
  },
  {
    title: 'head: the digest is that of a former demand',
    local: localOf({ etag: '"1"', digest: 'md5-x', integrity: sha }),
    fields: { integrity: sha },
    verdict: 'unchanged by etag',
    requests: head,
  },
  {
    title: 'head: nothing to compare, nor a condition',
    local: localOf({}),
    asset: { size: 10, etag: false, lastModified: false, framing: 'chunked' },
    verdict: 'fetch',
    requests: head,
  },
  {
    title: 'head: refused, and no condition',
    local: localOf({}),
    asset: { size: 10, etag: false, lastModified: false, head: 405 },
    verdict: 'fetch',
    requests: head,
  },
  { title: 'conditional: a file stands there', check: 'conditional', verdict: 'ask for changes' },
  {
    title: 'conditional: without a condition a HEAD compares the length',
    check: 'conditional',
    local: localOf({}),
    asset: { size: 10, etag: false, lastModified: false },
    verdict: 'unchanged by length',
    requests: head,
  },
  {
    title: 'conditional: a digest is demanded that nobody has computed',
    check: 'conditional',
    fields: { integrity: sha },
    verdict: 'fetch',
  },
  { title: 'conditional: an altered file', check: 'conditional', local: stale, verdict: 'fetch' },
  {
    title: 'manifest: everything it says holds',
    check: 'manifest',
    fields: { etag: '"1"', size: 10, lastModified },
    verdict: 'unchanged by manifest',
  },
  {
    title: 'manifest: the digest is that of a former demand',
    check: 'manifest',
    local: localOf({ digest: sha, integrity: md5 }),
    fields: { integrity: md5 },
    verdict: 'unchanged by manifest',
  },
  { title: 'manifest: its ETag is another', check: 'manifest', fields: { etag: '"2"' }, verdict: 'fetch' },
  {
    title: 'manifest: one of several is another',
    check: 'manifest',
    fields: { etag: '"1"', lastModified: other.lastModified },
    verdict: 'fetch',
  },
  {
    title: 'manifest: it says nothing, so the origin is asked',
    check: 'manifest',
    verdict: 'unchanged by etag',
    requests: head,
  },
  {
    title: 'manifest: an altered file',
    check: 'manifest',
    local: stale,
    fields: { etag: '"1"' },
    verdict: 'fetch',
  },
  { title: 'exists: a file stands there', check: 'exists', verdict: 'unchanged by exists' },
  {
    title: 'exists: an altered file is enough',
    check: 'exists',
    local: stale,
    verdict: 'unchanged by exists',
  },
  { title: 'exists: nothing stands there', check: 'exists', local: undefined as never, verdict: 'fetch' },
  { title: 'none: whatever stands there', check: 'none', verdict: 'fetch' },
]

t.test('what is known of a file decides, with a request only where that is needed', async t => {
  const origin = await start(t)
  for (const [
    position,
    { title, check = 'head', fields, script, requests = [], verdict, ...rest },
  ] of cases.entries()) {
    const path = `/${position}`
    const url = origin.asset(path, rest.asset ?? asset)
    if (script) origin.script(path, script)
    const local = 'local' in rest ? rest.local : localOf()
    const found = await verdictOf(t, origin, check, { url, ...fields, ...(local && { local }) })
    t.strictSame({ verdict: found.verdict, requests: found.requests }, { verdict, requests }, title)
  }
})

t.test('what is skipped tells its length and what asking cost', async t => {
  const origin = await start(t)
  const url = origin.asset('/a', asset)
  const { item, work } = await verdictOf(t, origin, 'head', { url, local: localOf() })
  t.match(item, { status: 'skipped', bytes: 10, received: work.received })
  t.ok(work.received > 100)
  const free = await verdictOf(t, origin, 'exists', { url, local: localOf() })
  t.match(free.item, { bytes: 10, received: undefined })
})

t.test('what a HEAD told of a changed asset goes along', async t => {
  const origin = await start(t)
  const url = origin.asset('/a', { size: 12, ...other })
  const { item } = await verdictOf(t, origin, 'head', { url, local: localOf() })
  t.match(item, { found: { ...other, length: 12 } })
})

t.test('that an origin refuses HEAD, or says nothing by it, is remembered for that origin only', async t => {
  const [refusing, silent, other] = [await start(t), await start(t), await start(t)]
  refusing.asset('/a', { ...asset, head: 405 })
  silent.asset('/a', { size: 10, etag: false, lastModified: false, framing: 'chunked' })
  other.asset('/a', { ...asset, head: 500 })
  const stage = stageOf(t, 'head')
  for (const origin of [refusing, silent, other])
    for (let index = 0; index < 3; index++)
      await stage(namedEntryOf(index, { url: `${origin.url}/a`, local: localOf() }))
  t.equal(refusing.requests.length, 1)
  t.equal(silent.requests.length, 1)
  t.equal(other.requests.length, 3, 'a failure is no refusal')
})

t.test('where one HEAD told nothing, what has only a length is still compared by it', async t => {
  const origin = await start(t)
  const silent = origin.asset('/silent', { size: 10, etag: false, lastModified: false, framing: 'chunked' })
  const plain = origin.asset('/plain', { size: 10, etag: false, lastModified: false })
  const stage = stageOf(t, 'head')
  t.match(await stage(namedEntryOf(0, { url: silent, local: localOf() })), { conditional: true })
  t.match(await stage(namedEntryOf(1, { url: plain, local: localOf({}) })), { by: 'length' })
})

t.test('where HEAD is refused, what has no condition is fetched without being asked about again', async t => {
  const origin = await start(t)
  const url = origin.asset('/a', { ...asset, head: 405 })
  const stage = stageOf(t, 'head')
  for (const index of [0, 1])
    t.notHas(await stage(namedEntryOf(index, { url, local: localOf({}) })), { conditional: true })
  t.equal(origin.requests.length, 1)
})

t.test('a HEAD carries the headers of the run and of the entry, and those of the entry win', async t => {
  const origin = await start(t)
  const url = origin.asset('/a', asset)
  const stage = stageOf(t, 'head', { authorization: 'run', 'x-run': 'run' })
  await stage(namedEntryOf(0, { url, headers: { Authorization: 'entry' }, local: localOf() }))
  t.match(origin.requests[0]?.headers, { authorization: 'entry', 'x-run': 'run' })
})

t.test('what a GET would only meet again is thrown', async t => {
  const origin = await start(t)
  const url = origin.asset('/a', asset)
  const entry = namedEntryOf(0, { url, local: localOf() })
  origin.script('/a', { status: 503, headers: { 'retry-after': '86400' } })
  await t.rejects(async () => stageOf(t, 'head')(entry), { code: 'ERR_RETRY_AFTER' })

  for (const error of [ended(), new SyncError('ERR_POOL', 'the pool is gone')]) {
    const { client, origins } = openClient(t, { pool: recordingPool({ gate: () => Promise.reject(error) }) })
    const stage = incremental({ check: 'head', client, origins, hopTo: firstHops() })
    await t.rejects(async () => stage(entry), error)
  }
})
