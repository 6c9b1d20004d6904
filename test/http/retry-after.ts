import fc from 'fast-check'
import t from 'tap'
import { retryAfterMs } from '../../lib/http/retry-after.js'

process.env['TZ'] = 'Asia/Tokyo'

const now = Date.UTC(1994, 10, 6, 8, 49, 7)

t.test('seconds and dates both say how long to wait', t => {
  const cases: [string, number][] = [
    ['120', 120_000],
    ['0', 0],
    [' 42\t', 42_000],
    ['007', 7_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
  ]
  for (const [value, ms] of cases) t.equal(retryAfterMs(value, now), ms, value)
  t.end()
})

t.test('a date that is past asks for no wait', t => {
  t.equal(retryAfterMs('Sun, 06 Nov 1994 08:49:07 GMT', now), 0)
  t.equal(retryAfterMs('Sat, 01 Jan 1994 00:00:00 GMT', now), 0)
  t.end()
})

t.test('a wait of any length stays one, and its end a date', t => {
  t.equal(retryAfterMs('2147483648', now), 2_147_483_648_000)
  t.equal(retryAfterMs('9999999999', now), 9_999_999_999_000)
  t.equal(retryAfterMs('Fri, 31 Dec 9999 23:59:59 GMT', now), Date.UTC(9999, 11, 31, 23, 59, 59) - now)
  for (const digits of [20, 400, 1e6]) {
    const ms = retryAfterMs('9'.repeat(digits), now) ?? Number.NaN
    t.ok(ms > 1e15)
    t.ok(new Date(now + ms).toISOString())
  }
  t.end()
})

t.test('what is in neither form is no Retry-After', t => {
  for (const value of [
    undefined,
    '',
    ' ',
    '-1',
    '+1',
    '1.0',
    '1e9',
    '0x10',
    '²',
    '١',
    '120, 120',
    '1 2',
    'soon',
    '1994-11-06',
  ])
    t.equal(retryAfterMs(value, now), undefined, String(value))
  t.end()
})

t.test('no value makes it wait less than nothing, past the end of time or not a number', t => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[ \d.:,-]*$/), fc.bigInt().map(String)), value => {
      const ms = retryAfterMs(value, now)
      return ms === undefined || (ms >= 0 && now + ms <= 8.64e15)
    }),
  )
  t.end()
})

/** Blanks that RFC 9110 section 5.5 lets stand around a field value. */
const blanks = fc.stringMatching(/^[ \t]{0,3}$/)
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** A moment in the three forms of an HTTP-date (RFC 9110 section 5.6.7). */
const datesOf = (moment: Date): string[] => {
  const [, day = '', month = '', year = '', time = ''] = moment.toUTCString().split(' ')
  const weekday = days[moment.getUTCDay()] ?? ''
  return [
    moment.toUTCString(),
    `${weekday}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
    `${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
  ]
}

t.test('seconds that RFC 9110 allows are those seconds', t => {
  fc.assert(
    fc.property(fc.nat({ max: 1e9 }), fc.nat({ max: 3 }), blanks, blanks, (seconds, zeros, before, after) => {
      t.equal(retryAfterMs(before + '0'.repeat(zeros) + seconds + after, now), 1000 * seconds)
    }),
  )
  t.end()
})

t.test('a date that RFC 9110 allows is that moment, in each of its forms', t => {
  const second = fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(2040, 0) / 1000 })
  fc.assert(
    fc.property(second, blanks, blanks, (second, before, after) => {
      for (const text of datesOf(new Date(1000 * second)))
        t.equal(retryAfterMs(before + text + after, now), Math.max(0, 1000 * second - now), text)
    }),
  )
  t.end()
})

t.test('whatever else it says is no wait', t => {
  const valid = /^(?:\d+|[A-Z][a-z]+,? .*\d\d:\d\d:\d\d.*)$/
  const nearly = fc.stringMatching(/^[+\-.\dxeE ,]{0,12}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly), value => {
      if (!valid.test(value.trim())) t.equal(retryAfterMs(value, now), undefined, JSON.stringify(value))
    }),
  )
  t.end()
})

t.test('a megabyte of blanks is judged at once', t => {
  const started = performance.now()
  t.equal(retryAfterMs(`1${' '.repeat(1e6)}1`, now), undefined)
  t.ok(performance.now() - started < 2_000)
  t.end()
})
