import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { type OriginOptions, startOrigin } from '../../fixtures/origin.js'
import { type RecordingPoolOptions, recordingPool } from '../../fixtures/recording-pool.js'
import { connections } from '../../lib/http/connections.js'
import { exchanger } from '../../lib/http/exchanger.js'
import { originBook } from '../../lib/http/origins.js'
import { type HopRequest, paidHop } from '../../lib/http/paid-hop.js'
import { throttle } from '../../lib/rate/throttle.js'
import { newWork } from '../../lib/work.js'

const open = async (
  t: Test,
  poolOptions: RecordingPoolOptions = { rate: 1e6 },
  options: OriginOptions = {},
) => {
  const origin = await startOrigin(options)
  const pool = recordingPool(poolOptions)
  const origins = originBook()
  const halt = new AbortController()
  const exchanges = exchanger({
    connections: connections({ maxIdle: 8 }),
    deadlines: () => ({
      timeoutMs: 60_000,
      stallMs: 60_000,
      minRate: 0,
      maxTimeMs: Number.POSITIVE_INFINITY,
    }),
    onBytes() {},
    aborted: new AbortController().signal,
  })
  t.teardown(async () => {
    exchanges.close()
    await origin.close()
  })
  const { send, reserve } = paidHop({ exchanger: exchanges, origins, pool, throttle, halted: halt.signal })
  const get = (url: string, request: Partial<HopRequest> = {}) =>
    send({
      method: 'GET',
      url: new URL(url),
      headers: {},
      expectBytes: 0,
      accept: () => undefined,
      work: newWork(),
      ...request,
    })
  return { origin, pool, facts: origins.of(origin.url), halt, get, reserve }
}

/** Takes a body and counts it. */
const counter = () => {
  let bytes = 0
  const into = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      bytes += chunk.length
      callback()
    },
  })
  return { into, bytes: () => bytes }
}

t.test('nothing is asked for before it is granted', async t => {
  let release = () => {}
  let asked = () => {}
  const asking = new Promise<void>(resolve => {
    asked = resolve
  })
  const { origin, pool, get } = await open(t, {
    rate: 1e6,
    gate() {
      asked()
      return new Promise<void>(resolve => {
        release = resolve
      })
    },
  })
  const url = origin.asset('/a', { size: 1000 })
  const running = get(url, { expectBytes: 1000 })
  await asking
  t.equal(origin.openConnections, 0)
  t.match(pool.grants, [{ origin: origin.url, requests: 1, bytes: 1400, settled: undefined }])
  release()
  await running
  t.equal(origin.requests.length, 1)
})

t.test('of what is more than was reserved the rest is granted before it is asked for', async t => {
  const { origin, pool, get, reserve } = await open(t)
  const url = origin.asset('/a', { size: 50_000 })
  const { into } = counter()
  const granted = () => pool.grants.map(({ bytes }) => bytes)
  const reserved = reserve(new URL(url), 10_000)
  await get(url, { expectBytes: 50_000, accept: () => ({ into }), reserved })
  t.equal(granted().length, 2)
  t.equal(granted()[1], 40_000)
  const enough = reserve(new URL(url), 50_000)
  await get(url, { expectBytes: 50_000, accept: () => ({ into }), reserved: enough })
  t.equal(granted().length, 3)
})

t.test('a grant is settled by what arrived, however the exchange ended', async t => {
  const { origin, pool, facts, get } = await open(t)
  const cases: [string, string, RegExp | undefined][] = [
    ['a body', origin.asset('/a', { size: 1000 }), undefined],
    ['a cut body', origin.script('/b', { as: { size: 1000 }, after: 500, end: 'fin' }), /SHORT/],
    ['a silent end', origin.script('/c', { raw: '' }), /NETWORK/],
  ]
  for (const [name, url, code] of cases) {
    const work = newWork()
    const { into } = counter()
    const expected = 1000 + Math.round(facts.overheadBytes)
    const running = get(url, { expectBytes: 1000, accept: () => ({ into }), work })
    if (code) await t.rejects(running, { code }, name)
    else await running
    t.match(pool.grants.at(-1), { bytes: expected, settled: work.received }, name)
  }
})

t.test('a body of more than was granted ahead is metered, and what was granted comes back', async t => {
  const size = 300_000
  const cases: [string, number, 'length' | 'chunked', number][] = [
    ['all of it granted', size, 'length', 0],
    ['a part granted', 100_000, 'length', size],
    ['nothing granted', 0, 'length', size],
    ['a length that is not told', 100_000, 'chunked', size],
  ]
  const { origin, pool, get } = await open(t)
  for (const [name, expectBytes, framing, rest] of cases) {
    pool.grants.length = 0
    const url = origin.asset('/a', { size, framing })
    const body = counter()
    const work = newWork()
    await get(url, { expectBytes, accept: () => ({ into: body.into }), work })
    t.equal(body.bytes(), size, name)
    const [first, ...metered] = pool.grants
    t.equal(
      metered.reduce((sum, { bytes }) => sum + bytes, 0),
      rest,
      name,
    )
    t.ok(metered.every(({ requests, bytes }) => requests === 0 && bytes <= 64 * 1024))
    t.equal(first?.settled, work.received - rest, name)
    t.equal(pool.paidBytes, work.received, name)
  }
})

t.test('less may be granted than is taken unmetered: the pool makes up for it', async t => {
  const { origin, pool, facts, get } = await open(t)
  const body = counter()
  const work = newWork()
  const granted = 100 + Math.round(facts.overheadBytes)
  const url = origin.asset('/a', { size: 1000 })
  await get(url, { expectBytes: 2000, likelyBytes: 100, accept: () => ({ into: body.into }), work })
  t.match(pool.grants, [{ bytes: granted, settled: work.received }])
  t.equal(body.bytes(), 1000)
})

t.test('without a cap nothing is metered', async t => {
  const { origin, pool, get } = await open(t, {})
  const body = counter()
  await get(origin.asset('/a', { size: 300_000 }), { accept: () => ({ into: body.into }) })
  t.equal(body.bytes(), 300_000)
  t.equal(pool.grants.length, 1)
})

t.test('a body that waits for the cap when the run ends is cut off', async t => {
  let waits = () => {}
  const waiting = new Promise<void>(resolve => {
    waits = resolve
  })
  const { origin, pool, halt, get } = await open(t, {
    rate: 1e6,
    gate: ({ requests }, signal) =>
      requests > 0
        ? undefined
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
            waits()
          }),
  })
  const body = counter()
  const work = newWork()
  const running = get(origin.asset('/a', { size: 300_000 }), { accept: () => ({ into: body.into }), work })
  await waiting
  halt.abort()
  await t.rejects(running, { code: 'ERR_ABORTED' })
  t.equal(pool.grants[0]?.settled, work.received)
  t.notOk(body.into.destroyed)
})

t.test(
  'a request to a held origin rests before it draws on the budget, and any other keeps its slot',
  async t => {
    const { origin, pool, get } = await open(t)
    const url = origin.asset('/a', { size: 10 })
    let rests = 0
    const work = newWork(async wait => {
      rests++
      const waited = await wait()
      t.equal(pool.grants.length, 1, 'what rests has no slot to use a grant with')
      return waited
    })
    await get(url, { work })
    t.equal(rests, 0)
    pool.hold(origin.url, 1000)
    await get(url, { work })
    t.equal(rests, 1)
  },
)

t.test('what comes around a body is learned from whole answers', async t => {
  const { origin, facts, get } = await open(t)
  const before = facts.overheadBytes
  await get(origin.asset('/film', { size: 1e9 }))
  t.equal(facts.overheadBytes, before)
  const work = newWork()
  await get(origin.asset('/a', { size: 1000 }), { work })
  t.equal(facts.overheadBytes, before + (work.received - 1000 - before) / 10)
  t.ok(facts.roundTripMs > 0)
})

t.test('a body that begins before the cap of a timetable is metered all the same', async t => {
  for (const mayCap of [true, false]) {
    const { origin, pool, get } = await open(t, { mayCap })
    const body = counter()
    await get(origin.asset('/a', { size: 100_000 }), { accept: () => body })
    const metered = pool.grants.filter(({ requests }) => requests === 0)
    t.equal(
      metered.reduce((sum, { bytes }) => sum + bytes, 0),
      mayCap ? 100_000 : 0,
    )
  }
})
