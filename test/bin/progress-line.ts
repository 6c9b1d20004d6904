import t from 'tap'
import { progressLine } from '../../bin/progress-line.js'
import type { Progress } from '../../lib/index.js'

const early: Progress = {
  entries: 3,
  read: 10,
  total: undefined,
  inFlight: 6,
  waiting: { cap: 0, request: 0, origin: 0, retry: 0, slot: 1 },
  stored: 3,
  skipped: {},
  failed: {},
  bytesStored: 4096,
  bytesSaved: 0,
  rate: 6.25e6,
  cap: Number.POSITIVE_INFINITY,
  bytesReceived: 5 * 1024 * 1024,
}

const late: Progress = {
  ...early,
  entries: 9_999_000,
  read: 10_000_000,
  total: 10_000_000,
  inFlight: 10,
  waiting: { cap: 9, request: 0, origin: 200, retry: 2, slot: 788 },
  stored: 9_000_000,
  skipped: { unchanged: 900_000, duplicate: 98_001 },
  failed: { ERR_NETWORK: 900, ERR_TIMEOUT: 99 },
  rate: 100e3,
  cap: 6.25e6,
}

const line = (facts: Partial<Progress> = {}, columns = 200): string =>
  progressLine({ ...early, ...facts }, { columns })

t.test('the line tells what matters, the most important first', async t => {
  t.equal(line(), '3/10+ · 50.0 Mbit/s · 6 in flight · 3 stored · 5.0 MiB · 1 queued')
  t.equal(
    progressLine(late, { columns: 250, leftMs: 100_000 }),
    [
      '9999000/10000000',
      '999 failed',
      '0.8 of 50.0 Mbit/s',
      '1m 40s left',
      '10 in flight (9 wait for the cap)',
      'waiting: 200 for a held origin, 2 for a retry',
      '9000000 stored',
      '998001 skipped',
      '5.0 MiB',
      '788 queued',
    ].join(' · '),
  )
})

t.test('what is not the case is not told', async t => {
  const waiting = { cap: 0, request: 0, origin: 0, retry: 0, slot: 0 }
  const cases: [facts: Partial<Progress>, told: string | RegExp][] = [
    [{ total: 10 }, /^3\/10 · /],
    [{ waiting }, '6 in flight · 3 stored · 5.0 MiB'],
    [{ waiting: { ...waiting, retry: 1 } }, '6 in flight · waiting: 1 for a retry · 3 stored'],
    [{ waiting: { ...waiting, origin: 2 } }, '6 in flight · waiting: 2 for a held origin · 3 stored'],
    [{ waiting: { ...waiting, cap: 2 } }, '6 in flight (2 wait for the cap)'],
    [{ waiting: { ...waiting, request: 2 } }, '6 in flight (2 wait for the request limit)'],
    [
      { waiting: { ...waiting, cap: 1, request: 2 } },
      '6 in flight (1 wait for the cap, 2 wait for the request limit)',
    ],
    [{ stored: 0, planned: { assets: 2, bytes: 9, unknownSize: 1 } }, '6 in flight · 2 planned · '],
  ]
  for (const [facts, told] of cases) t.match(line(facts), told)
})

t.test('the line never reaches the last column, and what does not fit is shortened or left out', async t => {
  for (const progress of [early, late])
    for (let columns = 1; columns <= 220; columns++) {
      const line = progressLine(progress, { columns, leftMs: 1000 })
      t.ok(line.length < columns, `${columns}: ${line}`)
    }
  t.equal(line({}, 40), '3/10+ · 50.0 Mbit/s · 6 in flight')
  const small: Partial<Progress> = { ...late, entries: 120, total: 2000, failed: { ERR_DNS: 3 } }
  const cases: [columns: number, shown: string][] = [
    [40, '120/2000 · 3 failed · 800.0 kbit/s'],
    [43, '120/2000 · 3 failed · 0.8 of 50.0 Mbit/s'],
    [60, '120/2000 · 3 failed · 0.8 of 50.0 Mbit/s · 10 in flight'],
    [80, '120/2000 · 3 failed · 0.8 of 50.0 Mbit/s · 10 in flight (9 wait for the cap)'],
    [93, '120/2000 · 3 failed · 0.8 of 50.0 Mbit/s · 10 in flight (9 wait for the cap) · 202 waiting'],
  ]
  for (const [columns, shown] of cases) t.equal(line(small, columns), shown, String(columns))
})

t.test('failures are in colour, which takes no columns', async t => {
  const paint = (_: string, text: string) => `<${text}>`
  const plain = progressLine(late, { columns: 80 })
  t.equal(progressLine(late, { columns: 80, paint }), plain.replace('999 failed', '<999 failed>'))
  t.equal(
    progressLine(late, { columns: 20, paint }),
    '9999000/10000000',
    'also where there is no room for them',
  )
})
