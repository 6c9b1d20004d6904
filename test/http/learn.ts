import t from 'tap'
import { toHead } from '../../lib/http/head.js'
import { type Lesson, learn } from '../../lib/http/learn.js'
import { type OriginFacts, originBook } from '../../lib/http/origins.js'

const asked: Lesson['question'] = {
  range: { start: 0, end: 999 },
  headers: { range: 'bytes=0-999' },
  expectBytes: 1000,
}
const part: Lesson['verdict'] = { take: 'part', version: {}, bytes: 1000, isLast: false }
const whole: Lesson['verdict'] = { take: 'whole', version: {} }

/** What is known of an origin after one answer. */
const factsAfter = (
  [status, headers, verdict, question = asked]: Case,
  before: Partial<OriginFacts> = {},
): OriginFacts => {
  const facts = { ...originBook().of('http://a'), ...before }
  learn(facts, { head: toHead(status, headers), verdict, question })
  return facts
}

type Case = [
  status: number,
  headers: Record<string, string>,
  verdict: Lesson['verdict'],
  question?: Lesson['question'],
]

t.test('an answer tells whether its origin does ranges', async t => {
  const cases: [string, Case, ranges: boolean | undefined][] = [
    ['a part that fits', [206, { 'content-length': '1000' }, part], true],
    ['a part that is of no use', [206, {}, { ask: 'whole' }], false],
    ['a part that is encoded', [206, { 'content-encoding': 'gzip' }, { ask: 'whole' }], undefined],
    ['a long body in place of a range', [200, { 'content-length': '5000' }, whole], false],
    ['a body of unknown length', [200, {}, whole], false],
    ['a body that is encoded on its way', [200, { 'content-encoding': 'gzip' }, whole], undefined],
    ['a short body', [200, { 'content-length': '1000' }, whole], undefined],
    ['an empty body', [200, { 'content-length': '0' }, whole], undefined],
    ['a whole body that was asked for', [200, {}, whole, { headers: {}, expectBytes: 0 }], undefined],
    ['a range that is not there', [416, {}, { ask: 'whole' }], undefined],
  ]
  for (const [title, answer, ranges] of cases) t.equal(factsAfter(answer).ranges, ranges, title)
})

t.test('what is known of ranges is not unlearned by one asset, but a part always proves them', async t => {
  t.equal(factsAfter([200, {}, whole], { ranges: true }).ranges, true)
  t.equal(factsAfter([206, {}, part], { ranges: false }).ranges, true)
})

t.test('one asset without ranges does not keep others from them that their origin says it has', async t => {
  const promise = { 'accept-ranges': 'bytes', etag: '"v1"', 'content-length': '5000' }
  const notAsked = { headers: {}, expectBytes: 0 }
  t.equal(factsAfter([200, promise, whole, notAsked], { ranges: false }).ranges, undefined)
  t.equal(factsAfter([200, { 'content-length': '5000' }, whole, notAsked], { ranges: false }).ranges, false)
  const { etag, ...unversioned } = promise
  t.equal(factsAfter([200, unversioned, whole, notAsked], { ranges: false }).ranges, false, `without ${etag}`)
  const belied = factsAfter([200, promise, whole])
  t.match(belied, { ranges: false, rangesBelied: true })
  t.equal(
    factsAfter([200, promise, whole, notAsked], belied).ranges,
    false,
    'but for one that does not keep to it',
  )
})

t.test('the first length stands for others until one has been fetched', async t => {
  t.equal(factsAfter([200, { 'content-length': '5000' }, whole]).meanBytes, 5000)
  t.equal(factsAfter([200, { 'content-length': '5000' }, whole], { meanBytes: 70 }).meanBytes, 70)
  t.equal(factsAfter([200, {}, whole]).meanBytes, undefined)
  t.equal(factsAfter([206, { 'content-length': '1000' }, part]).meanBytes, undefined, 'a part is no asset')
})
