import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { type OpenPoolOptions, openPool } from '../../lib/rate/open-pool.js'
import { parseTimetable } from '../../lib/rate/timetable.js'

process.env['TZ'] = 'Asia/Tokyo'

const off = Number.POSITIVE_INFINITY
const megabit = 1e6 / 8
const hourMs = 3_600_000
const noon = Date.parse('2026-06-01T12:00+09:00')
const claimant = { origin: 'http://a', signal: new AbortController().signal }

const timetable = (text: string) => {
  const parsed = parseTimetable(text)
  if (!parsed) throw new Error(`${text} is a timetable`)
  return parsed
}

/** A pool that is opened at noon, by a clock that both waits and tells the time of day. */
const openAtNoon = (
  bwlimit: string,
  options: Partial<Pick<OpenPoolOptions, 'tpslimit' | 'segment'>> = {},
) => {
  const clock = manualClock()
  const pool = openPool({
    bwlimit: timetable(bwlimit),
    tpslimit: off,
    segment: 'auto',
    clock,
    today: () => new Date(noon + clock.now()),
    ...options,
  })
  /** The moments at which `count` pieces of `bytes`, asked for now, are granted. */
  const ask = (count: number, bytes: number): number[] => {
    const granted: number[] = []
    for (let n = 0; n < count; n++)
      void pool.grant({ requests: 1, bytes }, claimant).then(() => granted.push(clock.now()))
    return granted
  }
  return { clock, pool, ask }
}

t.test('the rate of the moment holds from the start', async t => {
  const { clock, pool, ask } = openAtNoon('08:00,8mbit 19:00,off')
  t.equal(pool.rate(), 8 * megabit)
  const granted = ask(2, 500_000)
  await clock.advance(1000)
  t.strictSame(granted, [500, 1000])
  pool.close()
})

t.test('without limits everything is granted at once', async t => {
  const { clock, pool, ask } = openAtNoon('off')
  const granted = ask(2, 1e12)
  await clock.advance(0)
  t.strictSame(granted, [0, 0])
  pool.close()
})

t.test('a limit of requests is kept as well', async t => {
  const { clock, pool, ask } = openAtNoon('off', { tpslimit: 2 })
  const granted = ask(3, 1)
  await clock.advance(1500)
  t.strictSame(granted, [500, 1000, 1500])
  pool.close()
})

t.test('an idle pool saves up one piece where its size is given, else 10 ms of the rate', async t => {
  const cases: [bwlimit: string, segment: OpenPoolOptions['segment'], savedBytes: number][] = [
    ['8mbit', 1_000_000, 1_000_000],
    ['8mbit', 'auto', 10_000],
    ['8mbit', 'off', 10_000],
    ['80mbit', 'auto', 100_000],
    ['08:00,8mbit 13:00,80mbit', 'auto', 100_000],
  ]
  for (const [bwlimit, segment, savedBytes] of cases) {
    const { clock, pool, ask } = openAtNoon(bwlimit, { segment })
    await clock.advance(2 * hourMs)
    const granted = ask(2, savedBytes)
    await clock.advance(1000)
    t.equal(granted[0], 2 * hourMs, `${savedBytes} bytes at once with ${bwlimit} and segments ${segment}`)
    t.ok(Number(granted[1]) > 2 * hourMs, 'and no more')
    pool.close()
  }
})

t.test('the timetable changes the rate, also for those who wait already', async t => {
  const { clock, pool, ask } = openAtNoon('08:00,8bps 13:00,8mbit')
  const granted = ask(1, 1_003_600)
  await clock.advance(hourMs)
  t.equal(pool.rate(), 8 * megabit)
  t.strictSame(granted, [])
  await clock.advance(1000)
  t.strictSame(granted, [hourMs + 1000])
  pool.close()
})

t.test('the highest rate that held is remembered, not the one that is to come', async t => {
  const { clock, pool } = openAtNoon('08:00,10mbit 13:00,50mbit 14:00,20mbit 15:00,off 16:00,10mbit')
  const highest: number[] = []
  for (let hour = 12; hour <= 16; hour++) {
    highest.push(pool.highestRate() / megabit)
    await clock.advance(hourMs)
  }
  t.strictSame(highest, [10, 50, 50, off, off])
  t.equal(pool.rate(), 10 * megabit)
  pool.close()
})

t.test('nothing changes or is granted any more once the pool is closed', async t => {
  const { clock, pool, ask } = openAtNoon('08:00,8mbit 13:00,80mbit')
  const granted = ask(1, 1_000_000)
  pool.close()
  await clock.advance(2 * hourMs)
  t.strictSame([granted, pool.rate(), pool.highestRate()], [[], 8 * megabit, 8 * megabit])
})

t.test('by the real clock, no timer is left of a pool that is closed', async t => {
  const timers = () => process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
  const before = timers()
  const pool = openPool({
    bwlimit: timetable('00:00,8mbit 06:00,16mbit 12:00,8mbit 18:00,16mbit'),
    tpslimit: off,
    segment: 'auto',
  })
  void pool.grant({ requests: 1, bytes: 1e12 }, claimant)
  t.equal(timers(), before + 2, 'one for the timetable, one for who waits')
  pool.close()
  t.equal(timers(), before)
})

t.test('a timetable that is off now may cap later, and no limit never does', async t => {
  const cases: [string, boolean][] = [
    ['off', false],
    ['8mbit', true],
    ['08:00,off 19:00,8mbit', true],
  ]
  for (const [bwlimit, mayCap] of cases) {
    const { pool } = openAtNoon(bwlimit)
    t.equal(pool.mayCap(), mayCap, bwlimit)
    pool.close()
  }
})
