import fc from 'fast-check'
import t from 'tap'
import {
  demand,
  formatDuration,
  formatRate,
  formatRateOf,
  formatSize,
  parseDuration,
  parseFrequency,
  parseRate,
  parseSize,
} from '../lib/units.js'

type Cases<T> = [string, T | undefined][]

const off = Number.POSITIVE_INFINITY

t.test('a size is in bytes, a bare prefix is binary', t => {
  const cases: Cases<number> = [
    ['0', 0],
    ['1024', 1024],
    ['64KiB', 65_536],
    ['64kib', 65_536],
    ['1.5MB', 1_500_000],
    ['10M', 10_485_760],
    ['10 M ', 10_485_760],
    ['2G', 2 ** 31],
    ['1TiB', 2 ** 40],
    ['5B', 5],
    ['', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['.5M', undefined],
    ['5iB', undefined],
    ['5Mbit', undefined],
    ['5 M B', undefined],
    ['9999999T', undefined],
    ['off', undefined],
  ]
  for (const [text, bytes] of cases) t.equal(parseSize(text), bytes, text)
  t.end()
})

t.test('a duration needs its unit', t => {
  const cases: Cases<number> = [
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['0s', 0],
    ['30', undefined],
    ['30S', undefined],
    ['5min', undefined],
    ['-1s', undefined],
    ['', undefined],
    ['1h30m', undefined],
  ]
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, text)
  t.end()
})

t.test('a rate is in bits where it says so, else in bytes, and a bare number in KiB', t => {
  const cases: Cases<number> = [
    ['50mbit', 6_250_000],
    ['50Mbps', 6_250_000],
    ['50Mbit/s', 6_250_000],
    ['1gbit', 125_000_000],
    ['800bit', 100],
    ['6.25MB', 6_250_000],
    ['6.25MBps', 6_250_000],
    ['6.25MB/s', 6_250_000],
    ['6MiB', 6_291_456],
    ['10M', 10_485_760],
    ['10M/s', 10_485_760],
    ['512', 524_288],
    ['1.5', 1536],
    ['10B', 10],
    ['off', off],
    ['OFF', off],
    ['0', off],
    ['', undefined],
    ['-1', undefined],
    ['0M', undefined],
    ['0mbit', undefined],
    ['fast', undefined],
    ['10M:5M', undefined],
    ['1e3', undefined],
  ]
  for (const [text, rate] of cases) t.equal(parseRate(text), rate, text)
  t.end()
})

t.test('a frequency is per second unless it says otherwise', t => {
  const cases: Cases<number> = [
    ['10', 10],
    ['10/s', 10],
    ['600/m', 10],
    ['36000/h', 10],
    ['86400/d', 1],
    ['0.5', 0.5],
    ['off', off],
    ['0', off],
    ['0/s', undefined],
    ['10/w', undefined],
    ['/s', undefined],
    ['ten', undefined],
    ['', undefined],
  ]
  for (const [text, frequency] of cases) t.equal(parseFrequency(text), frequency, text)
  t.end()
})

t.test('numbers are shown in the unit that people think in', t => {
  const sizes: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [102_400, '100 KiB'],
    [1_572_864, '1.5 MiB'],
    [2 ** 40, '1.0 TiB'],
    [2 ** 50, '1024 TiB'],
  ]
  for (const [bytes, shown] of sizes) t.equal(formatSize(bytes), shown)
  const rates: [number, string][] = [
    [off, 'off'],
    [6_250_000, '50.0 Mbit/s'],
    [1000, '8.0 kbit/s'],
    [125_000_000, '1.00 Gbit/s'],
  ]
  for (const [rate, shown] of rates) t.equal(formatRate(rate), shown)
  const shares: [rate: number, cap: number, shown: string][] = [
    [6.1e6, 6.25e6, '48.8 of 50.0 Mbit/s'],
    [100e3, 6.25e6, '0.8 of 50.0 Mbit/s'],
    [0, 2000, '0.0 of 16.0 kbit/s'],
    [6.25e6, 2000, '50000.0 of 16.0 kbit/s'],
    [6.25e6, 125e6, '0.05 of 1.00 Gbit/s'],
    [6.25e6, Number.POSITIVE_INFINITY, '50.0 Mbit/s'],
  ]
  for (const [rate, cap, shown] of shares) t.equal(formatRateOf(rate, cap), shown)
  const durations: [number, string][] = [
    [412, '412 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [9_800, '9.8 s'],
    [59_960, '1m 00s'],
    [200_000, '3m 20s'],
    [7_500_000, '2h 05m'],
    [3_599_900, '1h 00m'],
  ]
  for (const [ms, shown] of durations) t.equal(formatDuration(ms), shown)
  t.end()
})

t.test('a wrong value is told in one sentence', t => {
  t.equal(demand(0, 'size', 'a size', '0'), 0)
  t.throws(() => demand(undefined, 'bwlimit', 'a rate', 'fast'), {
    code: 'ERR_OPTION',
    message: 'bwlimit: expected a rate, got "fast"',
  })
  t.throws(() => demand(undefined, 'bwlimit', 'a rate', undefined), { message: /got undefined$/ })
  t.end()
})

t.test('no text is parsed to what is not a number or below nothing', t => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^\d{0,30}(\.\d{0,30})? ?[kmgtKMGT]?(i?[bB]|bit|bps|ms|s|m|h|d|\/[smhd])?$/),
  )
  fc.assert(
    fc.property(text, text => {
      for (const parse of [parseSize, parseDuration, parseRate, parseFrequency]) {
        const value = parse(text)
        if (value !== undefined && !(value >= 0)) return false
      }
      return true
    }),
    { numRuns: 2000 },
  )
  t.end()
})

t.test('a megabyte is judged at once', t => {
  const started = performance.now()
  for (const part of ['1', '1.', ' ', 'k', '/', '0'])
    for (const parse of [parseSize, parseDuration, parseRate, parseFrequency])
      parse(part.repeat(1e6 / part.length))
  t.ok(performance.now() - started < 5_000)
  t.end()
})
