import t from 'tap'
import { report } from '../../bin/report.js'
import type { Summary } from '../../lib/index.js'

const plain: Summary = {
  entries: 1,
  stored: 1,
  skipped: {},
  failed: {},
  bytesStored: 2048,
  bytesReceived: 3072,
  bytesSaved: 0,
  ms: 412,
  meanRate: 1e6,
  cap: null,
  worstSecond: 2e6,
  capBreached: false,
  peakMemory: 1e8,
  exitCode: 0,
}

const eventful: Summary = {
  ...plain,
  entries: 12,
  skipped: { unchanged: 4, duplicate: 1 },
  failed: { ERR_HTTP_STATUS: 5, ERR_TIMEOUT: 1 },
  bytesSaved: 1024 * 1024,
  ms: 200_000,
  cap: 1e6,
  capBreached: true,
  exitCode: 1,
  resumeAt: '2030-01-01T00:00:00.000Z',
}

t.test('a run in which nothing happened but downloads is three lines', async t => {
  t.equal(
    report(plain),
    [
      '1 entry in 412 ms',
      '  stored    1 (2.0 KiB)',
      '  received  3.0 KiB, 8.0 Mbit/s on average, 16.0 Mbit/s in the worst second',
    ].join('\n'),
  )
})

t.test('what was skipped, what failed, the cap and when to go on have lines of their own', async t => {
  t.equal(
    report(eventful),
    [
      '12 entries in 3m 20s',
      '  stored    1 (2.0 KiB)',
      '  skipped   4 unchanged, 1 duplicate, 1.0 MiB saved',
      '  failed    5 ERR_HTTP_STATUS, 1 ERR_TIMEOUT',
      '  received  3.0 KiB, 8.0 Mbit/s on average, 16.0 Mbit/s in the worst second',
      '  cap       8.0 Mbit/s, breached in the worst second',
      '  resume    not before 2030-01-01T00:00:00.000Z',
    ].join('\n'),
  )
  t.match(report({ ...eventful, capBreached: false }), /cap {7}8\.0 Mbit\/s$/m)
})

t.test('a plan says what a sync would fetch in place of what was stored', async t => {
  const cases: [facts: Partial<Summary>, line: string][] = [
    [{ planned: { assets: 0, bytes: 0, unknownSize: 0 } }, '  planned   0 (0 B)'],
    [{ planned: { assets: 2, bytes: 2048, unknownSize: 0 } }, '  planned   2 (2.0 KiB)'],
    [
      { planned: { assets: 7, bytes: 1e9, unknownSize: 3 }, plannedMs: 200_000 },
      '  planned   7 (954 MiB), 3 of unknown size, 3m 20s at the cap',
    ],
  ]
  for (const [facts, line] of cases) {
    const lines = report({ ...plain, stored: 0, bytesStored: 0, ...facts }).split('\n')
    t.equal(lines[1], line)
    t.equal(lines.length, 3)
  }
})
