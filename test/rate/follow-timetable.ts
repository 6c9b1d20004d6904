import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { followTimetable } from '../../lib/rate/follow-timetable.js'
import { parseTimetable } from '../../lib/rate/timetable.js'

process.env['TZ'] = 'Asia/Tokyo'

const megabit = 1e6 / 8
const evening = Date.parse('2026-06-01T18:59:30+09:00')

/** The rates that are set, and when, by a clock that waits and one that tells the time of day. */
const follow = (text: string, start = evening) => {
  const timetable = parseTimetable(text)
  if (!timetable) throw new Error(`${text} is a timetable`)
  const clock = manualClock()
  let ahead = 0
  const today = () => new Date(start + ahead + clock.now())
  const set: [rate: number, ms: number][] = []
  const stop = followTimetable({
    timetable,
    setRate: rate => set.push([rate / megabit, clock.now()]),
    clock,
    today,
  })
  const shift = (ms: number) => {
    ahead += ms
  }
  return { clock, set, stop, shift }
}

t.test('the rate that holds is set, and the next one when it begins', async t => {
  const { clock, set, stop } = follow('08:00,10mbit 19:00,50mbit')
  t.strictSame(set, [[10, 0]])
  await clock.advance(29_999)
  t.equal(set.length, 1)
  await clock.advance(1)
  t.strictSame(set.at(-1), [50, 30_000])
  await clock.advance(13 * 3_600_000)
  t.strictSame(set.slice(2), [[10, 30_000 + 13 * 3_600_000]])
  stop()
})

t.test('who stops following hears of nothing more', async t => {
  const { clock, set, stop } = follow('08:00,10mbit 19:00,50mbit')
  stop()
  await clock.advance(86_400_000)
  t.equal(set.length, 1)
})

t.test('a rate that never changes is set once and needs no timer', async t => {
  const { clock, set } = follow('50mbit')
  await clock.advance(7 * 86_400_000)
  t.strictSame(set, [[50, 0]])
})

t.test('a machine that slept, or a clock that was set, is noticed within a minute', async t => {
  for (const [title, hours, rate] of [
    ['slept through a change', 14, 10],
    ['slept into the night', 1, 50],
  ] as const) {
    const { clock, set, stop, shift } = follow('08:00,10mbit 19:00,50mbit', evening - 3_600_000)
    await clock.advance(1000)
    shift(hours * 3_600_000 + 60_000)
    await clock.advance(60_000)
    t.equal(set.at(-1)?.[0], rate, title)
    stop()
  }
})

t.test('a clock that is set back brings the old rate back', async t => {
  const { clock, set, stop, shift } = follow('08:00,10mbit 19:00,50mbit')
  await clock.advance(30_000)
  shift(-3_600_000)
  await clock.advance(60_000)
  t.strictSame(
    set.map(([rate]) => rate),
    [10, 50, 10],
  )
  stop()
})
