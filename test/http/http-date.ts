import t from 'tap'
import { parseHttpDate } from '../../lib/http/http-date.js'

// East of Greenwich, where reading UTC as local time would show.
process.env['TZ'] = 'Asia/Tokyo'

const now = Date.UTC(2026, 5, 1)

t.test('the three forms of RFC 9110 mean the same moment in UTC', t => {
  const moment = Date.UTC(1994, 10, 6, 8, 49, 37)
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ])
    t.equal(parseHttpDate(text, now), moment, text)
  t.equal(parseHttpDate('Wed Nov 16 08:49:37 1994', now), Date.UTC(1994, 10, 16, 8, 49, 37))
  t.end()
})

t.test('a year of two digits is at most 50 years ahead', t => {
  const year = (digits: string, from: number) =>
    new Date(parseHttpDate(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, from) ?? Number.NaN).getUTCFullYear()
  t.equal(year('76', now), 2076)
  t.equal(year('77', now), 1977)
  t.equal(year('26', now), 2026)
  t.equal(year('10', Date.UTC(2099, 0, 1)), 2110, 'over the end of a century')
  t.end()
})

t.test('dates that exist are read and others are not', t => {
  t.equal(parseHttpDate('Thu, 29 Feb 2024 00:00:00 GMT', now), Date.UTC(2024, 1, 29))
  t.equal(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now), Date.UTC(2017, 0, 1), 'a leap second')
  t.equal(parseHttpDate('Fri, 01 Jan 0099 00:00:00 GMT', now), Date.parse('0099-01-01T00:00:00Z'))
  t.equal(parseHttpDate('Fri, 31 Dec 9999 23:59:59 GMT', now), Date.UTC(9999, 11, 31, 23, 59, 59))
  for (const text of [
    'Wed, 29 Feb 2023 00:00:00 GMT',
    'Wed, 31 Apr 2024 00:00:00 GMT',
    'Wed, 00 Apr 2024 00:00:00 GMT',
    'Wed Apr  0 00:00:00 2024',
    'Wed, 01 Apr 2024 24:00:00 GMT',
    'Wed, 01 Apr 2024 23:60:00 GMT',
    'Wed, 01 Apr 2024 23:00:61 GMT',
  ])
    t.equal(parseHttpDate(text, now), undefined, text)
  t.end()
})

t.test('whatever else Date.parse would take is no HTTP-date', t => {
  for (const text of [
    '',
    '1',
    '3600',
    '2024-01-01T00:00:00Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
  ])
    t.equal(parseHttpDate(text, now), undefined, text)
  t.end()
})
