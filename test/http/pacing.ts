import t from 'tap'
import { type OriginFacts, originBook } from '../../lib/http/origins.js'
import { type PacingOptions, pacing } from '../../lib/http/pacing.js'

const kib = 1024
const cap = 6_250_000
const off = Number.POSITIVE_INFINITY

type Given = { rate?: PacingOptions['rate']; segment?: number | 'auto' | 'off'; requestsPerSecond?: number }

const pacingOf = ({ rate = () => cap, segment = 'auto', requestsPerSecond = off }: Given = {}) =>
  pacing({ rate, segment: () => segment, requestsPerSecond: () => requestsPerSecond })

const origin = (facts: Partial<OriginFacts> = {}): OriginFacts => ({
  ...originBook().of('http://a'),
  ...facts,
})

t.test('a range is as small as it may be, and as large as it has to be', t => {
  const cases: [string, Given, Partial<OriginFacts>, number, number][] = [
    ['no cap', { rate: () => off }, {}, 1, off],
    ['no cap, and a size of ranges', { rate: () => off, segment: 100 * kib }, {}, 1, off],
    ['ranges off', { segment: 'off' }, {}, 1, off],
    ['10 ms of the cap', {}, {}, 1, 64 * kib],
    ['at least 32 KiB', { rate: () => 1000 }, {}, 1, 32 * kib],
    ['a size of its own', { segment: 100 * kib }, { slowdown: 8, roundTripMs: 500 }, 1, 100 * kib],
    ['a short round trip', {}, { roundTripMs: 5 }, 1, 64 * kib],
    ['a long round trip', {}, { roundTripMs: 100 }, 1, 1_250_000],
    ['a long round trip that ten assets share', {}, { roundTripMs: 100 }, 10, 125_000],
    ['a long round trip that many assets share', {}, { roundTripMs: 100 }, 100, 64 * kib],
    ['a very long round trip: never more than a second of the cap', {}, { roundTripMs: 5000 }, 1, cap],
    ['an origin that pushed back', {}, { slowdown: 2 }, 1, 128 * kib],
    ['an origin that pushed back again', {}, { slowdown: 4 }, 1, 256 * kib],
    ['an origin that goes on pushing back', { rate: () => 1e6 }, { slowdown: 64 }, 1, 1e6],
    ['a second of the cap is less than any range', { rate: () => 1000 }, { slowdown: 64 }, 1, 32 * kib],
    ['a request limit that is not in the way', { requestsPerSecond: 1000 }, {}, 1, 64 * kib],
    ['a request limit', { requestsPerSecond: 10 }, {}, 1, 687_500],
    ['a request limit of few a minute', { requestsPerSecond: 0.1 }, {}, 1, 68_750_000],
    ['the largest of all reasons', { requestsPerSecond: 50 }, { roundTripMs: 10, slowdown: 3 }, 1, 192 * kib],
  ]
  for (const [title, options, facts, sharing, bytes] of cases) {
    const { enter, segmentBytes } = pacingOf(options)
    for (let n = 0; n < sharing; n++) enter('http://a')
    t.equal(segmentBytes(origin(facts)), bytes, title)
  }
  t.end()
})

t.test('with these ranges the cap can be used up, whatever the round trip', t => {
  for (const roundTripMs of [1, 10, 50, 200, 700])
    for (const sharing of [1, 3, 10]) {
      const { enter, segmentBytes } = pacingOf()
      for (let n = 0; n < sharing; n++) enter('http://a')
      const underWay = segmentBytes(origin({ roundTripMs })) * sharing
      t.ok(underWay >= (cap * roundTripMs) / 1000, `${roundTripMs} ms, ${sharing} assets`)
    }
  t.end()
})

t.test('assets share the cap while they are fetched', t => {
  const { enter, segmentBytes } = pacingOf()
  const far = origin({ roundTripMs: 100 })
  t.equal(segmentBytes(far), 1_250_000, 'none is as one')
  const leave = [enter('http://a'), enter('http://a')]
  t.equal(segmentBytes(far), 625_000)
  for (const one of leave) one()
  t.equal(segmentBytes(far), 1_250_000)
  t.end()
})

t.test('the cap that holds now decides', t => {
  let rate = cap
  const { segmentBytes, wholeBytes } = pacingOf({ rate: () => rate })
  t.equal(segmentBytes(origin()), 64 * kib)
  rate = off
  t.equal(segmentBytes(origin()), off)
  t.equal(wholeBytes(origin(), 1000), 0)
  rate = 2 * cap
  t.equal(segmentBytes(origin()), 128 * kib)
  t.end()
})

t.test(
  'before a body that cannot be had in ranges what nobody needs to read is granted, up to a second of the cap',
  t => {
    const cases: [string, Partial<OriginFacts>, number | undefined, number][] = [
      ['a short body', {}, 1000, 1000],
      ['a body of nothing', {}, 0, 0],
      ['a long body', {}, 100e6, 128 * kib],
      ['an unknown length', {}, undefined, 64 * kib],
      ['an unknown length from an origin of short ones', { meanBytes: 1234.5 }, undefined, 1235],
      ['an unknown length from an origin of long ones', { meanBytes: 1e9 }, undefined, 128 * kib],
      ['a length that is known better', { meanBytes: 1e9 }, 10, 10],
    ]
    for (const [title, facts, length, bytes] of cases)
      t.equal(pacingOf().wholeBytes(origin(facts), length), bytes, title)
    t.equal(pacingOf({ rate: () => 1000 }).wholeBytes(origin(), 100e6), 1000, 'a second of a low cap')
    t.end()
  },
)

t.test('what reading paces is read about a millisecond of the cap at a time', t => {
  for (const [rate, bytes] of [
    [1000, 4096],
    [cap, 7813],
    [4 * cap, 31_250],
    [off, 32_768],
  ] as const)
    t.equal(pacingOf({ rate: () => rate }).readBytes('http://a'), bytes)
  t.end()
})

t.test('an origin with a lower cap of its own shares it with nobody', t => {
  const rates: Record<string, number> = { 'http://slow': cap / 10 }
  const { enter, segmentBytes } = pacingOf({ rate: origin => rates[origin ?? ''] ?? cap })
  for (let n = 0; n < 10; n++) enter('http://a')
  const slow = origin({ origin: 'http://slow', roundTripMs: 1000 })
  t.equal(segmentBytes(slow), cap / 10, 'a second of its cap at most')
  const leave = [enter('http://slow'), enter('http://slow')]
  t.equal(segmentBytes({ ...slow, roundTripMs: 500 }), cap / 10 / 2)
  t.equal(segmentBytes(origin({ roundTripMs: 1000 })), Math.round((cap / 12) * 2), 'the others count it too')
  for (const one of leave) one()
  t.equal(segmentBytes(slow), cap / 10)
  t.end()
})

t.test('an origin has its own size of ranges and its own request limit', t => {
  const { segmentBytes } = pacing({
    rate: () => cap,
    segment: name => (name === 'http://fixed' ? 100 * kib : 'auto'),
    requestsPerSecond: name => (name === 'http://few' ? 10 : off),
  })
  const sizes = ['http://fixed', 'http://few', 'http://a'].map(name => segmentBytes(origin({ origin: name })))
  t.strictSame(sizes, [100 * kib, 687_500, 64 * kib])
  t.end()
})

t.test('an asset leaves once, however often it says so', t => {
  const { enter, segmentBytes } = pacingOf()
  const far = origin({ roundTripMs: 100 })
  enter('http://a')
  const leave = enter('http://a')
  leave()
  leave()
  t.equal(segmentBytes(far), 1_250_000, 'one is left')
  t.end()
})
