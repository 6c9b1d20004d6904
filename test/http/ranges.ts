import fc from 'fast-check'
import t from 'tap'
import { answer } from '../../fixtures/origin/answer.js'
import { type Asset, bytesOf, represent } from '../../fixtures/origin/asset.js'
import { SyncError } from '../../lib/errors.js'
import type { Head } from '../../lib/http/head.js'
import {
  askedBytesOf,
  isAnother,
  nextQuestion,
  type Progress,
  type Question,
  type Version,
} from '../../lib/http/ranges.js'
import { judge } from '../../lib/http/verdict.js'

const monday = 'Mon, 01 Jun 2026 08:00:00 GMT'
const whole = Number.POSITIVE_INFINITY
const second = 1_000_000

const progress = (facts: Partial<Progress>): Progress => ({
  have: 0,
  version: undefined,
  isResuming: false,
  likelyBytes: undefined,
  segmentBytes: 1000,
  meanBytes: undefined,
  atOnceBytes: second,
  wholeBytes: length => Math.min(length ?? 500, second),
  ...facts,
})

t.test('what is longer than may arrive at once is taken as it was asked for', t => {
  const question = nextQuestion(progress({ likelyBytes: 4e6, segmentBytes: 5e6, wholeBytes: () => 131_072 }))
  t.equal(askedBytesOf(question), 4e6)
  const head: Head = { status: 200, headers: { 'content-length': '4000000' } }
  const asked = { question, have: 0, version: undefined, isPaced: true, isConditional: false }
  t.match(judge(head, asked), { take: 'whole' })
  t.end()
})

t.test('what is there and what is known decide what is asked for next, and what is granted for it', t => {
  const strong: Version = { etag: '"v1"', lastModified: monday, total: 5000 }
  const weak: Version = { etag: 'W/"v1"', lastModified: monday, total: 5000 }
  const match = { 'if-match': '"v1"' }
  const cases: [string, Partial<Progress>, Record<string, string>, number][] = [
    ['nothing is known', {}, { range: 'bytes=0-999' }, 1000],
    ['longer than a range', { likelyBytes: 5000 }, { range: 'bytes=0-999' }, 1000],
    ['as long as a range: all of it', { likelyBytes: 1000 }, {}, 1000],
    ['hardly longer than a range: all of it', { likelyBytes: 1250 }, {}, 1250],
    ['a little longer', { likelyBytes: 1251 }, { range: 'bytes=0-999' }, 1000],
    ['an empty asset', { likelyBytes: 0 }, {}, 0],
    [
      'short assets are likely',
      { meanBytes: 100, segmentBytes: 100_000 },
      { range: 'bytes=0-16383' },
      16_384,
    ],
    ['longer ones are', { meanBytes: 20_000.2, segmentBytes: 100_000 }, { range: 'bytes=0-39999' }, 40_000],
    ['long ones are', { meanBytes: 1e9 }, { range: 'bytes=0-999' }, 1000],
    [
      'longer than may arrive at once',
      { likelyBytes: 1e9, segmentBytes: 5e6, wholeBytes: () => 131_072 },
      { range: 'bytes=0-4999999' },
      131_072,
    ],
    [
      'all of what is longer than may arrive at once',
      { likelyBytes: 4e6, segmentBytes: 5e6, wholeBytes: () => 131_072 },
      {},
      131_072,
    ],
    ['the next range', { have: 1000, version: strong }, { ...match, range: 'bytes=1000-1999' }, 1000],
    ['the last range', { have: 4000, version: strong }, { ...match, range: 'bytes=4000-4999' }, 1000],
    [
      'a rest not worth a request',
      { have: 3800, version: strong },
      { ...match, range: 'bytes=3800-4999' },
      1200,
    ],
    ['the last byte', { have: 4999, version: strong }, { ...match, range: 'bytes=4999-4999' }, 1],
    [
      'what is likely says nothing once the length is known',
      { have: 1000, version: strong, likelyBytes: 1001 },
      { ...match, range: 'bytes=1000-1999' },
      1000,
    ],
    [
      'no strong ETag',
      { have: 1000, version: weak },
      { 'if-unmodified-since': monday, range: 'bytes=1000-1999' },
      1000,
    ],
    [
      'what an earlier attempt left',
      { have: 1000, version: strong, isResuming: true },
      { 'if-range': '"v1"', range: 'bytes=1000-1999' },
      1000,
    ],
    [
      'what an earlier run left, of unknown length',
      { have: 1000, version: { etag: '"v1"' }, isResuming: true },
      { 'if-range': '"v1"', range: 'bytes=1000-1999' },
      1000,
    ],
    [
      'what an earlier run left is all there is',
      { have: 5000, version: strong, isResuming: true },
      { 'if-range': '"v1"', range: 'bytes=5000-5000' },
      0,
    ],
    [
      'what an earlier run left is too long',
      { have: 6000, version: strong, isResuming: true },
      { 'if-range': '"v1"', range: 'bytes=6000-6000' },
      0,
    ],
    ['in one piece', { segmentBytes: whole }, {}, 500],
    ['in one piece of known length', { segmentBytes: whole, likelyBytes: 700 }, {}, 700],
    ['in one piece, longer than a second of the cap', { segmentBytes: whole, likelyBytes: 9e9 }, {}, second],
    [
      'the rest in one piece',
      { segmentBytes: whole, have: 1000, version: strong, isResuming: true },
      { 'if-range': '"v1"', range: 'bytes=1000-' },
      4000,
    ],
    [
      'the rest, of which there is none',
      { segmentBytes: whole, have: 5001, version: strong, isResuming: true },
      { 'if-range': '"v1"', range: 'bytes=5001-' },
      0,
    ],
  ]
  for (const [title, facts, headers, expectBytes] of cases) {
    const question = nextQuestion(progress(facts))
    t.strictSame(question.headers, headers, title)
    t.equal(question.expectBytes, expectBytes, `${title}: granted`)
    const { start, end = '' } = question.range ?? {}
    t.equal(question.range && `bytes=${start}-${end}`, headers['range'], `${title}: range`)
  }
  t.end()
})

t.test('of an unknown length the mean is granted, where more is asked for', t => {
  const cases: [string, Partial<Progress>, number | undefined][] = [
    ['short ones', { meanBytes: 20_000.4, segmentBytes: 100_000 }, 20_000],
    ['nothing is known', { segmentBytes: 100_000 }, undefined],
    ['longer ones than a range', { meanBytes: 1e9, segmentBytes: 1000 }, undefined],
    ['a length that is known', { meanBytes: 10, likelyBytes: 5000, segmentBytes: 1000 }, undefined],
  ]
  for (const [title, facts, bytes] of cases)
    t.equal(nextQuestion(progress({ version: undefined, ...facts })).likelyBytes, bytes, title)
  t.end()
})

const toHead = (status: number, headers: object): Head => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
})

type Fetched = {
  /** What there is at the end. */
  bytes: Buffer
  requests: number
  /** How often bytes that were there had to be dropped. */
  restarts: number
  /** The most that arrived beyond what was granted for it. */
  excess: number
}

/** Fetches from an origin that is honest and, at each request, has the asset that `at` says. */
const fetchFrom = (
  at: (request: number) => Asset,
  options: { segmentBytes: number; likelyBytes?: number },
) => {
  const fetched: Fetched = { bytes: Buffer.alloc(0), requests: 0, restarts: 0, excess: 0 }
  let version: Version | undefined
  let likelyBytes = options.likelyBytes
  let canRange = true
  let isResuming = true
  const restart = (): void => {
    if (fetched.bytes.length > 0) fetched.restarts++
    fetched.bytes = Buffer.alloc(0)
    version = undefined
    isResuming = true
  }

  const ask = (): Question =>
    nextQuestion(
      progress({
        have: fetched.bytes.length,
        version,
        isResuming,
        likelyBytes,
        segmentBytes: canRange ? options.segmentBytes : whole,
      }),
    )

  /** One request; whether it was the last. */
  const step = (): boolean => {
    const question = ask()
    const isPaced = canRange && options.segmentBytes < whole
    const found = answer(represent('/a', at(fetched.requests++)), question.headers)
    const have = fetched.bytes.length
    const verdict = judge(toHead(found.status, found.headers), {
      question,
      have,
      version,
      isPaced,
      isConditional: false,
    })
    if ('done' in verdict) return true
    if ('ask' in verdict) {
      likelyBytes = verdict.length ?? likelyBytes
      canRange &&= verdict.ask !== 'whole'
      restart()
      return false
    }
    const body = Buffer.concat([...found.body])
    if (isPaced) fetched.excess = Math.max(fetched.excess, body.length - question.expectBytes)
    if (verdict.take === 'whole') restart()
    fetched.bytes = Buffer.concat([fetched.bytes, body])
    version = verdict.version
    isResuming = false
    return verdict.take === 'whole' || verdict.isLast
  }

  while (fetched.requests < 10_000) {
    try {
      if (step()) return fetched
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'ERR_CHANGED') throw error
      restart()
    }
  }
  throw new Error('it goes on for ever')
}

const size = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 300_000 }))
const segmentBytes = fc.oneof(fc.integer({ min: 1000, max: 100_000 }), fc.constant(whole))
const likelyBytes = fc.option(size, { nil: undefined })
const form = fc.record({
  ranges: fc.boolean(),
  etag: fc.constantFrom(undefined, false as const),
  lastModified: fc.constantFrom(monday, false as const),
})

const fetchOptions = (segmentBytes: number, likelyBytes: number | undefined) => ({
  segmentBytes,
  ...(likelyBytes !== undefined && { likelyBytes }),
})

t.test('from an honest origin it always ends with exactly the bytes of the asset', t => {
  fc.assert(
    fc.property(
      size,
      segmentBytes,
      likelyBytes,
      form,
      (size, segmentBytes, likelyBytes, { etag, ...rest }) => {
        const asset: Asset = { size, ...rest, ...(etag === false && { etag }) }
        const { bytes, excess, requests } = fetchFrom(() => asset, fetchOptions(segmentBytes, likelyBytes))
        return (
          bytes.equals(bytesOf('/a', asset)) &&
          excess <= 64 * 1024 &&
          requests <= 3 + Math.ceil(size / segmentBytes)
        )
      },
    ),
    { numRuns: 300 },
  )
  t.end()
})

t.test(
  'a change midway is noticed, whether the origin heeds preconditions or not, and restarts the asset once',
  t => {
    for (const conditions of [true, false])
      for (const etag of [undefined, false] as const) {
        const asset = (seed: string, lastModified: string): Asset => ({
          seed,
          size: 5000,
          conditions,
          lastModified,
          ...(etag === false && { etag }),
        })
        const young = asset('young', 'Tue, 02 Jun 2026 08:00:00 GMT')
        const { bytes, ...rest } = fetchFrom(request => (request < 2 ? asset('old', monday) : young), {
          segmentBytes: 1000,
        })
        t.ok(bytes.equals(bytesOf('/a', young)))
        t.match(rest, { requests: 2 + 1 + 5, restarts: 1 }, JSON.stringify({ conditions, etag }))
      }
    t.end()
  },
)

t.test('of an asset that changes midway it has the bytes of one version, never of two', t => {
  const cases = fc.record({
    before: size,
    after: size,
    changesAt: fc.integer({ min: 1, max: 20 }),
    validator: fc.constantFrom('etag', 'lastModified'),
    conditions: fc.boolean(),
  })
  fc.assert(
    fc.property(cases, segmentBytes, ({ before, after, changesAt, validator, conditions }, segmentBytes) => {
      const asset = (seed: string, size: number, day: string): Asset => ({
        seed,
        size,
        conditions,
        lastModified: day,
        ...(validator === 'lastModified' && { etag: false }),
      })
      const old = asset('old', before, monday)
      const young = asset('young', after, 'Tue, 02 Jun 2026 08:00:00 GMT')
      const { bytes, requests } = fetchFrom(request => (request < changesAt ? old : young), {
        segmentBytes,
      })
      return bytes.equals(bytesOf('/a', requests > changesAt ? young : old))
    }),
    { numRuns: 300 },
  )
  t.end()
})

t.test('a version is another where both tell, and not the same', async t => {
  const known = { etag: '"1"', lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' }
  for (const found of [undefined, {}, known, { etag: '"1"' }, { total: 5 }]) t.notOk(isAnother(known, found))
  t.notOk(isAnother(undefined, known))
  t.ok(isAnother(known, { etag: '"2"' }))
  t.ok(isAnother(known, { etag: '"1"', lastModified: 'Sun, 06 Nov 1994 08:49:38 GMT' }))
})
