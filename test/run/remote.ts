import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { type Origin, type Step, startOrigin } from '../../fixtures/origin.js'
import { recordingPool } from '../../fixtures/recording-pool.js'
import { makeSink } from '../../fixtures/sink.js'
import { halting } from '../../lib/flow/halt.js'
import { newGauge } from '../../lib/gauge.js'
import type { Options, OriginSection } from '../../lib/options/given.js'
import { resolve } from '../../lib/options/resolve.js'
import { meter } from '../../lib/rate/meter.js'
import { openPool } from '../../lib/rate/open-pool.js'
import type { RatePool } from '../../lib/rate/pool.js'
import { openRemote } from '../../lib/run/remote.js'
import { newWork } from '../../lib/work.js'

const open = (t: Test, options: Partial<Options>, originPools?: ReadonlyMap<string, RatePool>) => {
  const resolved = resolve({ out: 'images', ...options })
  const halt = halting({ graceMs: 60_000 })
  const pool = openPool(resolved)
  const context = { halt, pool, meter: meter(), gauge: newGauge() }
  const remote = openRemote(resolved, { ...context, ...(originPools && { originPools }) })
  t.teardown(() => {
    remote.close()
    pool.close()
    halt.close()
  })
  return remote
}

const start = async (t: Test): Promise<Origin> => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  return origin
}

t.test('an origin gets its own headers over those of the run, and an entry its own over both', async t => {
  const origins = await Promise.all([start(t), start(t)])
  const [first, second] = origins
  const { client, hopTo } = open(t, {
    headers: { 'X-Who': 'run', 'X-Run': 'yes' },
    origins: { [first.url]: { headers: { 'x-who': 'origin', 'X-Origin': 'yes' } } },
  })
  const ask = async (url: string, headers: Record<string, string> = {}) => {
    const entry = { ...entryOf(0), assetUrl: new URL(url), headers }
    const hop = hopTo(entry)
    await client.send({ method: 'GET', hop, expectBytes: 0, accept: () => undefined, work: newWork() })
  }
  for (const origin of origins) await ask(origin.asset('/a', { size: 1 }))
  await ask(first.asset('/b', { size: 1 }), { 'X-WHO': 'entry' })
  const heard = (origin: Origin) =>
    origin.requests.map(({ headers }) => [headers['x-who'], headers['x-run'], headers['x-origin']])
  t.strictSame(heard(first), [
    ['origin', 'yes', 'yes'],
    ['entry', 'yes', 'yes'],
  ])
  t.strictSame(heard(second), [['run', 'yes', undefined]])
})

t.test('the headers of an origin do not follow a redirect, neither away nor to it', async t => {
  const [first, second] = await Promise.all([start(t), start(t)])
  const { client, hopTo } = open(t, {
    origins: {
      [first.url]: { headers: { Authorization: 'first' } },
      [second.url]: { headers: { Authorization: 'second' } },
    },
  })
  first.script('/a', { status: 302, headers: { location: second.asset('/b', { size: 1 }) } })
  const hop = hopTo({ ...entryOf(0), assetUrl: new URL(`${first.url}/a`) })
  await client.send({ method: 'GET', hop, expectBytes: 0, accept: () => undefined, work: newWork() })
  t.strictSame(
    [first, second].map(({ requests }) => requests.map(({ headers }) => headers['authorization'])),
    [['first'], [undefined]],
  )
})

t.test('an origin has its own deadlines, and the run has its own for the others', async t => {
  const silent: Step = { latencyMs: Number.POSITIVE_INFINITY }
  const stalled: Step = { after: 10, end: 'stall' }
  const slow: Step = { drip: { bytes: 1, everyMs: 10 } }
  const cases: [Step, OriginSection, Partial<Options>, code: string][] = [
    [silent, {}, { timeout: '50ms' }, 'ERR_TIMEOUT'],
    [silent, { timeout: '50ms' }, { timeout: '60s' }, 'ERR_TIMEOUT'],
    [silent, { maxTime: '50ms' }, { maxTime: '60s' }, 'ERR_TOO_SLOW'],
    [stalled, { stallTimeout: '50ms' }, { stallTimeout: '60s' }, 'ERR_STALLED'],
    [slow, { minRate: '1G', stallTimeout: '50ms' }, {}, 'ERR_TOO_SLOW'],
  ]
  for (const [step, section, options, code] of cases) {
    const origin = await start(t)
    origin.asset('/a', { size: 1000 })
    origin.script('/a', step)
    const { client, hopTo } = open(t, { ...options, origins: { [origin.url]: section } })
    const hop = hopTo({ ...entryOf(0), assetUrl: new URL(`${origin.url}/a`) })
    const into = new Writable({ write: (_chunk, _encoding, callback) => callback() })
    const sent = client.send({
      method: 'GET',
      hop,
      expectBytes: 0,
      accept: () => ({ into }),
      work: newWork(),
    })
    await t.rejects(sent, { code }, JSON.stringify(section))
  }
})

t.test('an origin has its own number of assets in flight', async t => {
  const { perOrigin } = open(t, { perOrigin: 4, origins: { 'https://cdn.test': { perOrigin: 1 } } })
  t.strictSame(['https://cdn.test', 'https://cdn.test:8443', 'http://cdn.test'].map(perOrigin), [1, 4, 4])
})

t.test('a section holds also where a redirect leads to its origin', async t => {
  const [catalog, cdn] = await Promise.all([start(t), start(t)])
  const size = 200_000
  catalog.script('/a', { status: 302, headers: { location: cdn.asset('/b', { size, etag: '"v1"' }) } })
  const { download } = open(t, { origins: { [cdn.url]: { bwlimit: '100mbit', segment: '50KB' } } })
  const { sink } = makeSink(t)
  const entry = { ...entryOf(0), path: 'a', urlKey: 'key', assetUrl: new URL(`${catalog.url}/a`) }
  const draft = await sink.open(entry, { urlKey: 'key', resume: false })
  await download(entry, draft, newWork())()
  await draft.abandon({ keep: false })
  t.equal(catalog.requests.length, 1)
  t.strictSame(
    cdn.requests.map(({ headers }) => headers.range),
    ['bytes=0-49999', 'bytes=50000-99999', 'bytes=100000-149999', 'bytes=150000-199999'],
  )
})

t.test('requests cost units where a section limits them, each by its own path', async t => {
  const [api, plain] = await Promise.all([start(t), start(t)])
  const [ofApi, ofPlain] = [recordingPool(), recordingPool()]
  const unitCosts = { 'GET /files/*?alt=media': 200, 'HEAD /**': 0 }
  const { client, hopTo } = open(
    t,
    {
      pool: 'local:',
      origins: {
        [api.url]: { unitlimit: '1000000/m', unitCosts },
        [plain.url]: { unitCosts, poolName: 'x' },
      },
    },
    new Map([
      [api.url, ofApi],
      [plain.url, ofPlain],
    ]),
  )
  const ask = (method: 'GET' | 'HEAD', url: string) =>
    client.send({
      method,
      hop: hopTo({ ...entryOf(0), assetUrl: new URL(url) }),
      expectBytes: 0,
      accept: () => undefined,
      work: newWork(),
    })
  for (const origin of [api, plain])
    for (const path of ['/files/1', '/about']) {
      origin.asset(path, { size: 1 })
      await ask('HEAD', `${origin.url}${path}?alt=media`)
      await ask('GET', `${origin.url}${path}?alt=media`)
    }
  t.strictSame(
    ofApi.grants.map(({ units }) => units),
    [0, 200, 0, 1],
  )
  t.strictSame(
    ofPlain.grants.map(({ units }) => units),
    [0, 0, 0, 0],
    'nothing limits its units',
  )
})

t.test('ranges grow where an origin counts each of them dearly', async t => {
  const origin = await start(t)
  const size = 300_000
  origin.asset('/a', { size, etag: '"v1"' })
  const { download } = open(
    t,
    {
      pool: 'local:',
      origins: { [origin.url]: { bwlimit: '8mbit', unitlimit: 1000, unitCosts: { '/**': 100 } } },
    },
    new Map([[origin.url, recordingPool({ rate: 1e6 })]]),
  )
  const { sink } = makeSink(t)
  const entry = { ...entryOf(0), path: 'a', urlKey: 'key', assetUrl: new URL(`${origin.url}/a`) }
  const draft = await sink.open(entry, { urlKey: 'key', resume: false })
  await download(entry, draft, newWork())()
  await draft.abandon({ keep: false })
  t.strictSame(
    origin.requests.map(({ headers }) => headers.range),
    ['bytes=0-109999', 'bytes=110000-219999', 'bytes=220000-299999'],
    'a tenth of a second of the cap, as ten requests a second leave it',
  )
})
