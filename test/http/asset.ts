import t, { type Test } from 'tap'
import { makeSink } from '../../fixtures/sink.js'
import { type NamedEntry, parseEntry } from '../../lib/entry.js'
import { asset } from '../../lib/http/asset.js'
import { demands } from '../../lib/http/demands.js'
import { toHead } from '../../lib/http/head.js'
import { originBook } from '../../lib/http/origins.js'
import { pacing } from '../../lib/http/pacing.js'

const url = 'http://a.example/a'

/** An asset on its way into a real draft, and `give`, which answers a question with a head and a body. */
const open = async (
  t: Test,
  { rate = 1_000_000, ...fields }: Partial<NamedEntry> & { rate?: number } = {},
) => {
  const { sink } = makeSink(t)
  const entry: NamedEntry = { ...parseEntry(url, 0), path: 'a', urlKey: 'key', ...fields }
  const draft = await sink.open(entry, { urlKey: 'key', resume: false })
  t.teardown(() => draft.abandon({ keep: false }))
  const facts = originBook().of(url)
  const wanted = asset({
    entry,
    draft,
    demands: demands({ size: entry.size, maxBytes: Number.POSITIVE_INFINITY, accept: '*/*' }),
    pacing: pacing({
      rate: () => rate,
      segment: () => 1000,
      requestsPerSecond: () => Number.POSITIVE_INFINITY,
    }),
    factsOf: () => facts,
  })
  const give = async (status: number, headers: Record<string, string>, body = '') => {
    const head = toHead(status, headers)
    const question = wanted.ask({ origin: 'http://a', isResuming: false })
    const verdict = wanted.judge(head, question)
    const into = wanted.receive(head, verdict)?.into
    into?.write(body)
    await draft.flushed()
    return { question, verdict }
  }
  /** What the next run would go on from. */
  const kept = async () => {
    await draft.abandon({ keep: true })
    const next = await sink.open(entry, { urlKey: 'key', resume: true })
    await next.abandon({ keep: false })
    return next.resumed
  }
  return { wanted, draft, facts, give, kept }
}

const part = (start: number, total: number, more: Record<string, string> = {}) => ({
  'content-range': `bytes ${start}-${Math.min(start + 999, total - 1)}/${total}`,
  'content-length': String(Math.min(1000, total - start)),
  etag: '"v1"',
  ...more,
})

t.test('each question goes on from the bytes that are there', async t => {
  const { wanted, give } = await open(t)
  await wanted.begin()
  t.match((await give(206, part(0, 2500), 'a'.repeat(1000))).question, { range: { start: 0, end: 999 } })
  t.match((await give(206, part(1000, 2500), 'a'.repeat(1000))).question, {
    range: { start: 1000, end: 1999 },
    headers: { 'if-match': '"v1"' },
    expectBytes: 1000,
  })
  t.match(wanted.ask({ origin: 'http://a', isResuming: true }), {
    range: { start: 2000, end: 2499 },
    headers: { 'if-range': '"v1"', 'if-match': undefined },
    expectBytes: 500,
  })
})

t.test('an attempt begins with what a strong validator vouches for, and with nothing else', async t => {
  const cases: [string, Record<string, string>, string, number][] = [
    ['a strong ETag', { etag: '"v1"' }, 'aaaa', 4],
    ['a weak ETag', { etag: 'W/"v1"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 'aaaa', 0],
    ['no validator', {}, 'aaaa', 0],
  ]
  for (const [name, headers, body, kept] of cases) {
    const { wanted, draft, give } = await open(t, { rate: Number.POSITIVE_INFINITY })
    await give(200, { 'content-length': '10', ...headers }, body)
    await wanted.begin()
    t.equal(draft.bytes, kept, name)
    t.equal(wanted.ask({ origin: 'http://a', isResuming: true }).range?.start, kept || undefined, name)
  }
})

t.test('a version of which there are no bytes binds nobody', async t => {
  const { wanted, give } = await open(t)
  await give(206, part(0, 2500))
  await wanted.begin()
  t.match((await give(206, part(0, 2600, { etag: '"v2"' }))).verdict, {
    take: 'part',
    version: { etag: '"v2"' },
  })
})

t.test('no version is said to be kept but the one whose bytes are there', async t => {
  const body = 'a'.repeat(1024 * 1024)
  const length = { 'content-length': String(2 * body.length) }
  const cases: [string, Record<string, string>, string | undefined][] = [
    ['another strong ETag', { ...length, etag: '"v2"' }, '"v2"'],
    ['a weak ETag', { ...length, etag: 'W/"v2"' }, undefined],
    ['no ETag', length, undefined],
    ['encoded', { etag: '"v2"', 'content-encoding': 'gzip' }, undefined],
  ]
  for (const [name, headers, etag] of cases) {
    const { wanted, give, kept } = await open(t, { rate: Number.POSITIVE_INFINITY })
    await give(200, { ...length, etag: '"v1"' })
    await wanted.begin()
    await give(200, headers, body)
    t.equal((await kept())?.etag, etag, name)
  }
})

t.test('what failed in a way that spoils the bytes is begun again', async t => {
  for (const [code, kept, canRange] of [
    ['ERR_BODY_SHORT', 1000, true],
    ['ERR_NETWORK', 1000, true],
    ['ERR_STALLED', 1000, true],
    ['ERR_CHANGED', 0, true],
    ['ERR_INTEGRITY', 0, true],
    ['ERR_BODY_LONG', 0, true],
    ['ERR_HTTP_PROTOCOL', 0, false],
  ] as const) {
    const { wanted, draft, give } = await open(t)
    await give(206, part(0, 2500), 'a'.repeat(1000))
    wanted.distrust(code)
    await wanted.begin()
    t.equal(draft.bytes, kept, code)
    t.equal(wanted.ask({ origin: 'http://a', isResuming: true }).range !== undefined, canRange, code)
  }
})

t.test('what an answer tells of the ranges of an origin is learned, and no more', async t => {
  const cases: [string, number, Record<string, string>, boolean | undefined][] = [
    ['a part', 206, part(0, 2500), true],
    [
      'a part without validator',
      206,
      { 'content-range': 'bytes 0-999/2500', 'content-length': '1000' },
      false,
    ],
    ['an encoded part', 206, part(0, 2500, { 'content-encoding': 'gzip' }), undefined],
    ['a whole', 200, { 'content-length': '2500' }, false],
    ['a whole of unknown length', 200, {}, false],
    ['a whole no longer than the range', 200, { 'content-length': '1000' }, undefined],
    ['no first byte', 416, { 'content-range': 'bytes */0' }, undefined],
  ]
  for (const [name, status, headers, ranges] of cases) {
    const { facts, give } = await open(t)
    await give(status, headers)
    t.equal(facts.ranges, ranges, name)
  }
  const { facts, give } = await open(t)
  facts.ranges = true
  await give(200, { 'content-length': '2500' })
  t.equal(facts.ranges, true, 'one asset does not unlearn it')
})

t.test('a finished asset teaches how long those of its origin are', async t => {
  const { wanted, facts, give } = await open(t)
  await give(206, part(0, 1000), 'a'.repeat(1000))
  const answer = {
    head: toHead(206, part(0, 1000)),
    bodyBytes: 1000,
    delimited: true,
    roundTripMs: 1,
    reusable: true,
    hop: { url: new URL(url), headers: {}, asked: [] },
  }
  t.match(await wanted.finish(answer), { wireBytes: 1000, etag: '"v1"', isProven: true })
  t.equal(facts.meanBytes, 1000)
})
