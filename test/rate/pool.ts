import { setMaxListeners } from 'node:events'
import fc from 'fast-check'
import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { type LocalPoolOptions, localPool } from '../../lib/rate/pool.js'

const never = new AbortController().signal
setMaxListeners(0, never)
const a = { origin: 'http://a', signal: never }
const b = { origin: 'http://b', signal: never }

const poolOf = (options: Partial<LocalPoolOptions>) => {
  const clock = manualClock()
  const pool = localPool({
    bytesPerSecond: Number.POSITIVE_INFINITY,
    requestsPerSecond: Number.POSITIVE_INFINITY,
    burstBytes: () => 100,
    clock,
    ...options,
  })
  return { clock, pool }
}

t.test('without limits everything is granted at once', async t => {
  const { pool } = poolOf({})
  const grant = await pool.grant({ requests: 1, bytes: 1e12 }, a)
  grant?.settle({ bytes: 2e12 })
  await pool.grant({ requests: 1, bytes: 1 }, a)
  t.equal(pool.rate(), Number.POSITIVE_INFINITY)
})

t.test('what is not limited is unlimited, and both limits are told', async t => {
  t.match(localPool().rate(), Number.POSITIVE_INFINITY)
  t.match(localPool().requestRate(), Number.POSITIVE_INFINITY)
  const { clock, pool } = poolOf({ bytesPerSecond: 5e6, requestsPerSecond: 7 })
  t.equal(pool.rate(), 5e6)
  t.equal(pool.requestRate(), 7)
  const saving = localPool({ bytesPerSecond: 5e6, clock })
  await clock.advance(60_000)
  await saving.grant({ requests: 1, bytes: 50_000 }, a)
  const next = saving.grant({ requests: 1, bytes: 50_000 }, a)
  await clock.advance(10)
  await next
  t.equal(clock.now(), 60_010, 'an idle pool has saved 10 ms of its rate')
})

t.test('bytes are granted once all of them have accrued', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000 })
  const granted: number[] = []
  for (let n = 0; n < 3; n++)
    void pool.grant({ requests: 1, bytes: 500 }, a).then(() => granted.push(clock.now()))
  await clock.advance(499)
  t.strictSame(granted, [])
  await clock.advance(1)
  t.strictSame(granted, [500])
  await clock.advance(1000)
  t.strictSame(granted, [500, 1000, 1500])
})

t.test('a request limit is kept as well, and the slower of the two decides', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000, requestsPerSecond: 2 })
  const granted: number[] = []
  for (let n = 0; n < 3; n++)
    void pool.grant({ requests: 1, bytes: 10 }, a).then(() => granted.push(clock.now()))
  await clock.advance(2000)
  t.strictSame(granted, [500, 1000, 1500])
})

t.test('what did not arrive is given back, and what arrived too much is waited for', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000 })
  const first = pool.grant({ requests: 1, bytes: 500 }, a)
  await clock.advance(500)
  const grant = await first
  const granted: number[] = []
  void pool.grant({ requests: 1, bytes: 500 }, a).then(() => granted.push(clock.now()))
  grant?.settle({ bytes: 100 })
  await clock.advance(100)
  t.strictSame(granted, [600], 'four fifths were given back')
  const second = pool.grant({ requests: 1, bytes: 100 }, a)
  await clock.advance(100)
  ;(await second)?.settle({ bytes: 1100 })
  void pool.grant({ requests: 1, bytes: 100 }, a).then(() => granted.push(clock.now()))
  await clock.advance(1099)
  t.equal(granted.length, 1)
  await clock.advance(1)
  t.equal(granted.length, 2)
})

t.test('a request that was not made is given back', async t => {
  const { clock, pool } = poolOf({ requestsPerSecond: 1 })
  const first = pool.grant({ requests: 1, bytes: 0 }, a)
  await clock.advance(1000)
  ;(await first)?.settle({ bytes: 0, requests: 0 })
  let isGranted = false
  void pool.grant({ requests: 1, bytes: 0 }, a).then(() => {
    isGranted = true
  })
  await clock.advance(0)
  t.ok(isGranted, 'without another second of waiting')
})

t.test('a limit under which nothing could ever be granted is refused, then and later', async t => {
  const cases: [options: object, message: RegExp][] = [
    [{ bytesPerSecond: -5 }, /^bytesPerSecond: expected a number above 0, got -5/],
    [{ bytesPerSecond: '10mbit' }, /^bytesPerSecond: expected a number above 0, got string/],
    [{ requestsPerSecond: Number.NaN }, /^requestsPerSecond: expected a number above 0, got NaN/],
    [{ bytesPerSeconds: 1 }, /^bytesPerSeconds: no such option; did you mean bytesPerSecond/],
  ]
  for (const [options, message] of cases)
    t.throws(() => localPool(options as LocalPoolOptions), { code: 'ERR_OPTION', message })
  t.throws(() => localPool().setRate(0), { code: 'ERR_OPTION', message: /^bytesPerSecond: .* got 0/ })
})

t.test('what is no amount is refused, and spoils nothing', async t => {
  const pool = localPool({ bytesPerSecond: 1000, clock: manualClock() })
  const claimant = { origin: 'a', signal: new AbortController().signal }
  for (const bytes of [Number.NaN, Number.POSITIVE_INFINITY, -1])
    await t.rejects(pool.grant({ requests: 0, bytes }, claimant), { code: 'ERR_OPTION' })
  const grant = await pool.grant({ requests: 0, bytes: 0 }, claimant)
  t.throws(() => grant?.settle({ bytes: Number.NaN }), { code: 'ERR_OPTION' })
})

t.test('two origins get equal bytes, however many wait and however large their pieces are', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000 })
  const bytes = { a: 0, b: 0 }
  for (let n = 0; n < 400; n++) void pool.grant({ requests: 1, bytes: 50 }, a).then(() => (bytes.a += 50))
  for (let n = 0; n < 40; n++) void pool.grant({ requests: 1, bytes: 400 }, b).then(() => (bytes.b += 400))
  for (let second = 1; second <= 20; second++) {
    await clock.advance(1000)
    t.ok(Math.abs(bytes.a - bytes.b) <= 400 + 50, `after ${second} s: ${bytes.a} and ${bytes.b}`)
  }
})

t.test('under a request limit alone origins take turns', async t => {
  const { clock, pool } = poolOf({ requestsPerSecond: 10 })
  const order: string[] = []
  for (let n = 0; n < 4; n++) void pool.grant({ requests: 1, bytes: 0 }, a).then(() => order.push('a'))
  for (let n = 0; n < 4; n++) void pool.grant({ requests: 1, bytes: 0 }, b).then(() => order.push('b'))
  await clock.advance(400)
  t.equal(order.filter(origin => origin === 'a').length, 2)
})

t.test('within an origin it is first come, first served', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000 })
  const order: number[] = []
  for (const [n, bytes] of [300, 10, 200, 1].entries())
    void pool.grant({ requests: 1, bytes }, a).then(() => order.push(n))
  await clock.advance(1000)
  t.strictSame(order, [0, 1, 2, 3])
})

t.test('a request to a held origin is not granted, and nothing is taken from the budget for it', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000, random: () => 0 })
  pool.hold('http://a', 3000)
  t.equal(pool.heldFor('http://a'), 3000)
  t.equal(pool.heldFor('http://b'), 0)
  t.equal(await pool.grant({ requests: 1, bytes: 100 }, a), undefined)
  const granted: number[] = []
  for (let n = 0; n < 3; n++)
    void pool.grant({ requests: 1, bytes: 100 }, b).then(() => granted.push(clock.now()))
  await clock.advance(3000)
  t.strictSame(granted, [100, 200, 300], 'others are not delayed')
  void pool.grant({ requests: 1, bytes: 100 }, a).then(grant => grant && granted.push(clock.now()))
  await clock.advance(1)
  t.equal(granted.at(-1), 3000, 'in its time it is')
})

t.test('who waits when the hold comes is told, and what it waited for goes to others', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000, random: () => 0 })
  const first = pool.grant({ requests: 1, bytes: 900 }, a)
  let at = 0
  void pool.grant({ requests: 1, bytes: 200 }, b).then(() => {
    at = clock.now()
  })
  await clock.advance(100)
  pool.hold('http://a', 1000)
  t.equal(await first, undefined)
  await clock.advance(100)
  t.equal(at, 200)
})

t.test('a body on its way goes on, since only requests are held', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000, random: () => 0 })
  const before = pool.grant({ requests: 0, bytes: 100 }, a)
  pool.hold('http://a', 60_000)
  const after = pool.grant({ requests: 0, bytes: 100 }, a)
  await clock.advance(200)
  t.ok(await before)
  t.ok(await after)
})

t.test(
  'the end of a hold can be waited for; a longer one wins and a shorter one changes nothing',
  async t => {
    const { clock, pool } = poolOf({ random: () => 0 })
    pool.hold('http://a', 1000)
    pool.hold('http://a', 2000)
    pool.hold('http://a', 500)
    let isReleased = false
    void pool.released('http://a', never).then(() => {
      isReleased = true
    })
    t.equal(await pool.grant({ requests: 1, bytes: 1 }, a), undefined, 'also without any limit')
    await clock.advance(1000)
    pool.hold('http://a', 1500)
    await clock.advance(1499)
    t.notOk(isReleased, 'a hold that was made longer meanwhile counts')
    await clock.advance(1)
    t.ok(isReleased)
    await pool.released('http://a', never)
    const stop = new AbortController()
    pool.hold('http://a', 1000)
    const waiting = pool.released('http://a', stop.signal)
    stop.abort(new Error('enough'))
    await t.rejects(waiting, { message: 'enough' })
  },
)

t.test('the release of a held origin is jittered, and never early', async t => {
  const { clock, pool } = poolOf({ random: () => 0.5 })
  pool.hold('http://a', 2000)
  t.equal(pool.heldFor('http://a'), 2100, 'a tenth of the hold, half of it by chance')
  await clock.advance(1)
  const long = poolOf({ random: () => 1 }).pool
  long.hold('http://a', 3_600_000)
  t.equal(long.heldFor('http://a'), 3_601_000, 'never more than a second')
})

t.test('who stops waiting leaves, with the reason of its signal, and the next one is served', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 1000 })
  const stop = new AbortController()
  const gone = pool.grant({ requests: 1, bytes: 900 }, { origin: 'http://a', signal: stop.signal })
  let at = 0
  void pool.grant({ requests: 1, bytes: 100 }, a).then(() => (at = clock.now()))
  await clock.advance(50)
  stop.abort(new Error('enough'))
  await t.rejects(gone, { message: 'enough' })
  await clock.advance(50)
  t.equal(at, 100)
  await t.rejects(pool.grant({ requests: 1, bytes: 1 }, { origin: 'http://a', signal: stop.signal }), {
    message: 'enough',
  })
})

t.test('where nothing limits them, bytes need nobody’s leave, also of who would not wait for it', async t => {
  const { pool } = poolOf({})
  const late = { origin: 'http://a', signal: AbortSignal.abort(new Error('enough')) }
  t.ok(await pool.grant({ requests: 0, bytes: 1 }, late))
  await t.rejects(
    pool.grant({ requests: 1, bytes: 1 }, late),
    { message: 'enough' },
    'a request is something new',
  )
})

t.test('a new rate holds for those who wait already', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 10 })
  let at = 0
  void pool.grant({ requests: 1, bytes: 1000 }, a).then(() => (at = clock.now()))
  await clock.advance(1000)
  pool.setRate(990)
  await clock.advance(1000)
  t.equal(at, 2000)
  t.equal(pool.rate(), 990)
})

t.test(
  'for any mix of sizes and origins no window has more than the cap, one burst and one piece',
  async () => {
    const request = fc.record({
      origin: fc.constantFrom('http://a', 'http://b', 'http://c'),
      bytes: fc.integer({ min: 1, max: 2000 }),
      after: fc.integer({ min: 0, max: 500 }),
      arrives: fc.integer({ min: 0, max: 100 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 80 }), async requests => {
        const { clock, pool } = poolOf({ bytesPerSecond: 1000, burstBytes: () => 100 })
        const arrivals: { at: number; bytes: number }[] = []
        for (const { origin, bytes, after, arrives } of requests) {
          await clock.advance(after)
          void pool.grant({ requests: 1, bytes }, { origin, signal: never }).then(grant => {
            // Some of what is granted never arrives, and is given back.
            const actual = Math.round((bytes * arrives) / 100)
            arrivals.push({ at: clock.now(), bytes: actual })
            grant?.settle({ bytes: actual })
          })
        }
        await clock.advance(1_000_000)
        if (arrivals.length !== requests.length) return false
        return arrivals.every(({ at: from }, first) => {
          let sum = 0
          return arrivals.slice(first).every(({ at, bytes }) => {
            sum += bytes
            return sum <= (at - from) * 1 + 2000 + 100 + 1
          })
        })
      }),
      { numRuns: 100 },
    )
  },
)

t.test('while somebody waits the cap is used up', async t => {
  const { clock, pool } = poolOf({ bytesPerSecond: 6_250_000, burstBytes: () => 65_536 })
  let bytes = 0
  const work = async (origin: string) => {
    for (;;) {
      await pool.grant({ requests: 1, bytes: 65_536 }, { origin, signal: never })
      bytes += 65_536
    }
  }
  for (let n = 0; n < 10; n++) void work(`http://${n % 3}`)
  await clock.advance(10_000)
  t.ok(bytes >= 62_500_000 * 0.99 && bytes <= 62_500_000, `${bytes} bytes in 10 s`)
})
