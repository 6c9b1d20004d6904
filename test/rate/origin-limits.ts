import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { type RecordingPoolOptions, recordingPool } from '../../fixtures/recording-pool.js'
import { openPool } from '../../lib/rate/open-pool.js'
import { type OriginLimit, originLimits } from '../../lib/rate/origin-limits.js'
import { type Claimant, type Cost, localPool, type RatePool } from '../../lib/rate/pool.js'
import { parseTimetable, type Timetable } from '../../lib/rate/timetable.js'

const off = Number.POSITIVE_INFINITY
const slow = 'http://slow'
const other = 'http://other'

const capOf = (text: string): Timetable => {
  const parsed = parseTimetable(text)
  if (!parsed) throw new Error(`${text} is a timetable`)
  return parsed
}

/** Over a common pool of 8000 bytes a second, what `slow` has of its own. */
const openLimits = (limit: OriginLimit) => {
  const clock = manualClock()
  const common = localPool({
    bytesPerSecond: 8000,
    requestsPerSecond: off,
    burstBytes: () => 1000,
    clock,
    random: () => 0,
  })
  const pool = originLimits({
    pool: common,
    limits: new Map([[slow, limit]]),
    segment: 1000,
    open: options => openPool({ ...options, clock, random: () => 0 }),
  })
  const granted: [number, string][] = []
  const ask = (origin: string, bytes: number, signal = new AbortController().signal) =>
    pool.grant({ requests: 1, bytes }, { origin, signal }).then(grant => {
      granted.push([clock.now(), grant ? origin : `${origin} is held`])
      return grant
    })
  return { clock, common, pool, granted, ask }
}

t.test('an origin with a cap of its own gets no more, and the others get what it leaves', async t => {
  const { clock, granted, ask } = openLimits({ bwlimit: capOf('1000B') })
  for (let n = 0; n < 2; n++) void ask(slow, 1000)
  for (let n = 0; n < 15; n++) void ask(other, 1000)
  await clock.advance(2000)
  t.strictSame(
    granted.filter(([, origin]) => origin === slow).map(([at]) => at),
    [1000, 2000],
  )
  t.equal(granted.length, 16, 'all of the common cap is used')
})

t.test('an origin with a request limit of its own is asked no more often', async t => {
  const { clock, granted, ask } = openLimits({ tpslimit: 2 })
  for (let n = 0; n < 3; n++) void ask(slow, 1)
  void ask(other, 1)
  await clock.advance(2000)
  t.strictSame(
    granted.map(([at, origin]) => [Math.round(at / 100) / 10, origin]),
    [
      [0, other],
      [0.5, slow],
      [1, slow],
      [1.5, slow],
    ],
  )
})

t.test('the common cap holds for an origin whose own is higher', async t => {
  const { clock, granted, ask } = openLimits({ bwlimit: capOf('1M') })
  for (let n = 0; n < 9; n++) void ask(slow, 1000)
  await clock.advance(1000)
  t.equal(granted.length, 8)
})

t.test('what really arrived is settled with both', async t => {
  const { clock, granted, ask } = openLimits({ bwlimit: capOf('1000B') })
  const first = ask(slow, 1000)
  await clock.advance(1000)
  const grant = await first
  grant?.settle({ bytes: 3000 })
  void ask(slow, 1000)
  await clock.advance(2999)
  t.equal(granted.length, 1, 'two seconds are owed')
  await clock.advance(1)
  t.equal(granted.length, 2)
})

t.test('what the common pool does not grant is given back to the origin', async t => {
  const waits: RecordingPoolOptions['gate'][] = [
    () => Promise.reject(new Error('the run is over')),
    () => undefined,
  ]
  const clock = manualClock()
  const common = recordingPool({ gate: (...asked) => waits.shift()?.(...asked) })
  const pool = originLimits({
    pool: common,
    limits: new Map([[slow, { bwlimit: capOf('1000B'), tpslimit: 1 }]]),
    segment: 1000,
    open: options => openPool({ ...options, clock }),
  })
  const claimant = { origin: slow, signal: new AbortController().signal }
  const lost = t.rejects(pool.grant({ requests: 1, bytes: 1000 }, claimant), { message: 'the run is over' })
  await clock.advance(1000)
  await lost
  const next = pool.grant({ requests: 1, bytes: 1000 }, claimant)
  await clock.advance(0)
  t.ok(await next, 'without another second of waiting, for bytes or for its turn')
})

t.test('a hold keeps requests from waiting for either budget', async t => {
  const { clock, pool, granted, ask } = openLimits({ bwlimit: capOf('1000B') })
  void ask(slow, 5000)
  pool.hold(slow, 10_000)
  await clock.advance(0)
  t.strictSame(granted, [[0, 'http://slow is held']])
  t.ok(pool.heldFor(slow) >= 10_000)
  t.equal(pool.heldFor(other), 0)
  let isReleased = false
  const { signal } = new AbortController()
  void pool.released(slow, signal).then(() => {
    isReleased = true
  })
  await clock.advance(9999)
  t.notOk(isReleased)
  await clock.advance(1500)
  t.ok(isReleased)
  t.equal(pool.heldFor(slow), 0)
})

t.test('a hold that comes between the two budgets is answered as any other', async t => {
  const { clock, common, granted, ask } = openLimits({ bwlimit: capOf('1000B') })
  void ask(other, 16_000)
  void ask(slow, 1000)
  await clock.advance(1000)
  t.strictSame(granted, [], 'granted by its own budget, it waits for the common one')
  common.hold(slow, 500)
  await clock.advance(500)
  t.strictSame(granted, [[1000, 'http://slow is held']])
})

t.test('the rate of an origin is the lower one, by its own timetable', async t => {
  const cases: [OriginLimit, rate: number, mayCap: boolean][] = [
    [{ bwlimit: capOf('1000B') }, 1000, true],
    [{ bwlimit: capOf('1M') }, 8000, true],
    [{ tpslimit: 5 }, 8000, true],
    [{}, 8000, true],
  ]
  for (const [limit, rate, mayCap] of cases) {
    const { pool } = openLimits(limit)
    t.equal(pool.rate(slow), rate)
    t.equal(pool.rate(other), 8000)
    t.equal(pool.rate(), 8000)
    t.equal(pool.mayCap(slow), mayCap)
  }
  const uncapped = originLimits({
    pool: recordingPool(),
    limits: new Map([[slow, { bwlimit: capOf('1000B') }]]),
    segment: 'auto',
  })
  t.teardown(uncapped.close)
  t.strictSame([slow, other, undefined].map(uncapped.mayCap), [true, false, false])
  t.strictSame([slow, other, undefined].map(uncapped.rate), [1000, off, off])
})

t.test('closing ends the timers of the origins, and leaves the common pool to its owner', async t => {
  const timers = () => process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
  const before = timers()
  let isClosed = false
  const common = {
    ...recordingPool(),
    close() {
      isClosed = true
    },
  }
  const pool = originLimits({
    pool: common,
    limits: new Map([[slow, { bwlimit: capOf('00:00,8mbit 12:00,16mbit') }]]),
    segment: 'auto',
  })
  void pool.grant({ requests: 1, bytes: 1e12 }, { origin: slow, signal: new AbortController().signal })
  t.ok(timers() > before)
  pool.close()
  t.equal(timers(), before)
  t.notOk(isClosed)
})

t.test('the limits that hold at an origin are the lower ones', async t => {
  const { pool } = openLimits({ bwlimit: capOf('1000B'), tpslimit: 2 })
  t.strictSame([pool.rate(), pool.rate(other), pool.rate(slow)], [8000, 8000, 1000])
  t.strictSame([pool.requestRate(), pool.requestRate(other), pool.requestRate(slow)], [off, off, 2])
})

t.test('a pool whose functions belong to its class serves origins without limits as well', async t => {
  class Pool {
    readonly granted: string[] = []
    async grant(_: Cost, { origin }: Claimant) {
      this.granted.push(origin)
      return { settle() {} }
    }
    rate() {
      return 7
    }
  }
  const pool = new Pool()
  const limited = originLimits({ pool: pool as unknown as RatePool, limits: new Map(), segment: 'auto' })
  t.ok(await limited.grant({ requests: 1, bytes: 1 }, { origin: 'a', signal: new AbortController().signal }))
  t.equal(limited.rate('a'), 7)
  t.strictSame(pool.granted, ['a'])
})

t.test(
  'an origin with a shared pool is paid from it besides the common one, and pushes back to it alone',
  async t => {
    const common = recordingPool()
    const shared = { ...recordingPool({ rate: 500 }), pushedBack: 0 }
    const pool = originLimits({
      pool: common,
      joined: new Map([[slow, { ...shared, pushBack: () => void shared.pushedBack++ }]]),
      limits: new Map([[slow, { bwlimit: capOf('1B') }]]),
      segment: 1000,
    })
    const { signal } = new AbortController()
    const grant = await pool.grant({ requests: 1, bytes: 100 }, { origin: slow, signal })
    grant?.settle({ bytes: 60 })
    const paid = [{ origin: slow, requests: 1, bytes: 100, settled: 60 }]
    t.strictSame(shared.grants, paid)
    t.strictSame(common.grants, paid)
    t.equal(pool.rate(slow), 500, 'what its section has is the limit of the shared pool')
    pool.hold(slow, 1000)
    pool.hold(other, 2000)
    t.strictSame(shared.holds, [{ origin: slow, ms: 1000 }])
    t.strictSame(common.holds, [{ origin: other, ms: 2000 }])
    pool.pushBack?.(slow)
    pool.pushBack?.(other)
    t.equal(shared.pushedBack, 1)
  },
)

t.test(
  'what is common is there before a slot that passes, and both are asked for again after a long pause',
  async t => {
    const asked: string[] = []
    let now = 0
    const pauses = [1500, 0]
    const common = {
      ...recordingPool({ gate: async () => void asked.push('common') }),
      hasSlots: () => true,
    }
    const own = recordingPool({
      gate: async () => {
        asked.push('own')
        now += pauses.shift() ?? 0
      },
    })
    const pool = originLimits({
      pool: common,
      joined: new Map([[slow, own]]),
      limits: new Map(),
      segment: 1000,
      now: () => now,
    })
    const { signal } = new AbortController()
    t.ok(await pool.grant({ requests: 1, bytes: 10 }, { origin: slow, signal }))
    t.strictSame(asked, ['common', 'own', 'common', 'own'])
    t.equal(common.grants[0]?.settled, 0, 'what was kept waiting is given back')
    t.equal(own.grants[0]?.settled, 0)
    t.ok(pool.hasSlots?.(slow))
  },
)
