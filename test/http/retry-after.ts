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

t.test('no value makes it wait less than nothing or not a number', t => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[ \d.:,-]*$/), fc.bigInt().map(String)), value => {
      const ms = retryAfterMs(value, now)
      return ms === undefined || ms >= 0
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
