import t from 'tap'
import { noteRoundTrip, originBook, pushBack, recover, runningMean } from '../../lib/http/origins.js'

t.test('nothing is known of an origin before it was seen', t => {
  t.strictSame(originBook().of('http://a'), {
    origin: 'http://a',
    ranges: undefined,
    rangesBelied: false,
    headRefused: false,
    headSilent: false,
    slowdown: 1,
    slowdownAt: Number.NEGATIVE_INFINITY,
    scout: undefined,
    meanBytes: undefined,
    overheadBytes: 400,
    roundTripMs: 0,
    roundTrips: undefined,
  })
  t.end()
})

t.test('what was learned of an origin is known the next time, and of no other', t => {
  const book = originBook()
  book.of('http://a').slowdown = 2
  t.equal(book.of('http://a').slowdown, 2)
  t.equal(book.of('http://b').slowdown, 1)
  t.end()
})

t.test('the origin that was not seen for longest is forgotten first', t => {
  const book = originBook(2)
  book.of('http://a').slowdown = 2
  book.of('http://b').slowdown = 3
  book.of('http://a')
  book.of('http://c')
  t.equal(book.of('http://a').slowdown, 2)
  t.equal(book.of('http://b').slowdown, 1)
  t.end()
})

t.test('a mean starts with its first sample and follows the others', t => {
  t.equal(runningMean(undefined, 500), 500)
  t.equal(runningMean(500, 600), 510)
  let mean = 0
  for (let n = 0; n < 30; n++) mean = runningMean(mean, 1000)
  t.ok(mean > 950 && mean < 1000, `${mean}`)
  t.end()
})

t.test('the shortest round trip of the last two windows is the distance', t => {
  const cases: [string, [at: number, ms: number][], number][] = [
    ['the first one', [[0, 80]], 80],
    [
      'a shorter one',
      [
        [0, 80],
        [10, 20],
      ],
      20,
    ],
    [
      'longer ones within the window',
      [
        [0, 20],
        [4999, 80],
      ],
      20,
    ],
    [
      'longer ones in the next window',
      [
        [0, 20],
        [5001, 80],
        [9999, 90],
      ],
      20,
    ],
    [
      'longer ones in two windows: the distance has grown',
      [
        [0, 20],
        [5001, 90],
        [6000, 80],
        [10_002, 85],
      ],
      80,
    ],
    [
      'a silence longer than both windows: what was is no longer true',
      [
        [0, 20],
        [60_000, 80],
      ],
      80,
    ],
  ]
  for (const [title, trips, ms] of cases) {
    const facts = originBook().of('http://a')
    for (const [at, trip] of trips) noteRoundTrip(facts, trip, 100_000 + at)
    t.equal(facts.roundTripMs, ms, title)
  }
  t.end()
})

t.test('an origin that has not pushed back for long is asked for smaller ranges again', async t => {
  const facts = originBook().of('http://a')
  recover(facts, 0)
  t.equal(facts.slowdown, 1)
  pushBack(facts, 1_000)
  pushBack(facts, 2_000)
  t.equal(facts.slowdown, 4)
  recover(facts, 31_999)
  t.equal(facts.slowdown, 4)
  recover(facts, 32_000)
  recover(facts, 33_000)
  t.equal(facts.slowdown, 2)
  recover(facts, 62_000)
  t.equal(facts.slowdown, 1)
})
