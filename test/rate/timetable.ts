import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parseTimetable, type Timetable } from '../../lib/rate/timetable.js'

// Clocks go forward on 2026-03-29 from 02:00 to 03:00 and back on 2026-10-25 from 03:00 to 02:00.
process.env['TZ'] = 'Europe/Berlin'

const mbit = 125_000
const off = Number.POSITIVE_INFINITY
const parse = (text: string): Timetable => {
  const timetable = parseTimetable(text)
  if (!timetable) throw new Error(`no timetable: ${text}`)
  return timetable
}
/** Local time; 2026-06-01 is a Monday. */
const at = (text: string) => new Date(text)
const rates = (t: Test, text: string, moments: Record<string, number>) => {
  for (const [moment, rate] of Object.entries(moments))
    t.equal(parse(text).rateAt(at(moment)), rate, `${text} at ${moment}`)
}

t.test('a bare rate holds for ever', t => {
  rates(t, '50 mbit', { '2026-06-01T00:00': 50 * mbit })
  rates(t, 'off', { '2026-06-01T00:00': off })
  t.equal(parse('10M').nextChange(new Date()), undefined)
  t.end()
})

t.test('a slot holds until the next one, over midnight and over the end of the week', t => {
  const text = '19:00,50mbit 08:00,10mbit Sat-00:00,off'
  rates(t, text, {
    '2026-06-01T07:59:59.999': 50 * mbit,
    '2026-06-01T08:00': 10 * mbit,
    '2026-06-01T18:59': 10 * mbit,
    '2026-06-01T19:00': 50 * mbit,
    '2026-06-02T00:00': 50 * mbit,
    '2026-06-05T23:59': 50 * mbit,
    '2026-06-06T00:00': off,
    '2026-06-06T08:00': 10 * mbit,
    '2026-06-07T01:00': 50 * mbit,
  })
  rates(t, 'Wed-12:00,10mbit Fri-12:00,off', {
    '2026-06-03T11:59': off,
    '2026-06-03T12:00': 10 * mbit,
    '2026-06-05T12:00': off,
    '2026-06-07T00:00': off,
    '2026-06-01T00:00': off,
  })
  t.end()
})

t.test('a day of its own wins over every day, whichever comes first', t => {
  for (const text of ['Sat-00:00,off 00:00,10mbit', '00:00,10mbit Sat-00:00,off'])
    rates(t, text, { '2026-06-06T12:00': off, '2026-06-05T12:00': 10 * mbit, '2026-06-07T12:00': 10 * mbit })
  t.end()
})

t.test('days have long names, too, in any case, and a semicolon separates as well', t => {
  rates(t, 'monday-00:00,1M;TUE-00:00,2M  Wednesday-00:00,3M', {
    '2026-06-01T12:00': 2 ** 20,
    '2026-06-02T12:00': 2 * 2 ** 20,
    '2026-06-07T12:00': 3 * 2 ** 20,
  })
  t.end()
})

t.test('what is no rate and no timetable is refused', t => {
  const texts = [
    '',
    ' ',
    ';',
    'fast',
    '08:00',
    '08:00,',
    ',10M',
    '8:00,10M',
    '24:00,10M',
    '08:60,10M',
    '08:00,10M,5M',
    '08:00,fast',
    '08:00,10M 09:00',
    '08:00, 10M',
    'Foo-08:00,10M',
    'Mond-08:00,10M',
    '-08:00,10M',
    'Mon-Tue-08:00,10M',
    '08:00,-1M',
  ]
  for (const text of texts) t.equal(parseTimetable(text), undefined, text)
  t.end()
})

t.test('the next change is the next moment at which another rate holds', t => {
  const next = (text: string, moment: string) => parse(text).nextChange(at(moment))
  const text = '08:00,10mbit 12:00,10mbit 19:00,50mbit'
  t.same(next(text, '2026-06-01T07:59:59.999'), at('2026-06-01T08:00'))
  t.same(
    next(text, '2026-06-01T08:00'),
    at('2026-06-01T19:00'),
    'strictly later, and not where the rate stays',
  )
  t.same(next(text, '2026-06-01T19:00:30'), at('2026-06-02T08:00'))
  t.same(next('Mon-08:07,10mbit Mon-08:08,off', '2026-06-01T08:08'), at('2026-06-08T08:07'))
  t.equal(next('08:00,10mbit Mon-09:00,10mbit', '2026-06-01T08:00'), undefined)
  t.equal(parse(text).nextChange(new Date(Number.NaN)), undefined)
  t.end()
})

t.test('the clock on the wall decides when the clocks change', t => {
  const text = '02:30,10mbit 04:00,off'
  const next = (moment: string) => parse(text).nextChange(at(moment))?.toISOString()
  t.equal(
    next('2026-03-29T00:30:00Z'),
    '2026-03-29T01:00:00.000Z',
    'half past two is skipped: the rate holds from three',
  )
  t.equal(next('2026-10-25T00:00:00Z'), '2026-10-25T00:30:00.000Z', 'half past two, summer time')
  t.equal(
    next('2026-10-25T00:30:00Z'),
    '2026-10-25T01:00:00.000Z',
    'three becomes two: the rate of the night is back',
  )
  t.equal(next('2026-10-25T01:00:00Z'), '2026-10-25T01:30:00.000Z', 'half past two, winter time')
  const skipped = parse('Sun-02:00,10mbit Sun-03:00,off')
  t.equal(
    skipped.nextChange(at('2026-03-28T12:00:00Z'))?.toISOString(),
    '2026-04-05T00:00:00.000Z',
    'an hour that is skipped',
  )
  t.end()
})

t.test('between a moment and its next change the rate is one, and there it is another', t => {
  const slot = fc
    .tuple(
      fc.constantFrom('', 'sun-', 'mon-', 'sat-'),
      fc.nat(23),
      fc.nat(59),
      fc.constantFrom('1M', '2M', 'off'),
    )
    .map(
      ([day, hour, minute, rate]) =>
        `${day}${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')},${rate}`,
    )
  const moment = fc.date({
    min: at('2026-01-01T00:00:00Z'),
    max: at('2026-12-31T00:00:00Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(
      fc.array(slot, { minLength: 1, maxLength: 6 }),
      moment,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (slots, moment, part) => {
        const timetable = parse(slots.join(' '))
        const next = timetable.nextChange(moment)
        const end = next?.getTime() ?? moment.getTime() + 8 * 86_400_000
        const between = new Date(
          Math.min(end - 1, moment.getTime() + Math.floor(part * (end - moment.getTime()))),
        )
        return (
          end > moment.getTime() &&
          timetable.rateAt(between) === timetable.rateAt(moment) &&
          timetable.rateAt(new Date(end - 1)) === timetable.rateAt(moment) &&
          (!next || timetable.rateAt(next) !== timetable.rateAt(moment))
        )
      },
    ),
    { numRuns: 500 },
  )
  t.end()
})

t.test('a megabyte is parsed at once', t => {
  const started = performance.now()
  for (const part of ['a', '-', '1', ' ', '08:00,1M ', 'mon-08:00,', ','])
    parseTimetable(part.repeat(1e6 / part.length))
  t.ok(performance.now() - started < 10_000)
  t.end()
})
