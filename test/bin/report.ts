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
  cap: 12.5e6,
  exitCode: 1,
  // In the local time of whoever reads it.
  resumeAt: new Date(2030, 0, 1, 14, 5, 30).toISOString(),
}

const retry = `jq -c 'select(.status=="failed")' OUTCOMES | sluice -o images`

const shown = (summary: Summary, columns = 80): string[] =>
  report(summary, { columns, retry, paint: (_, text) => text }).split('\n')

t.test(
  'a run in which nothing happened but downloads is four lines, and three in less than a second',
  async t => {
    const lines = ['  stored    1 (2.0 KiB)', '  received  3.0 KiB, 8.0 Mbit/s on average']
    t.strictSame(shown(plain), ['1 entry in 412 ms', ...lines], 'there is no worst second')
    t.strictSame(shown({ ...plain, ms: 1000 }), [
      '1 entry in 1.0 s',
      ...lines,
      '  peak      16.0 Mbit/s in the worst second',
    ])
  },
)

t.test('what was skipped, what failed and how it ended have lines of their own', async t => {
  const lines = [
    '12 entries in 3m 20s',
    '  stored    1 (2.0 KiB)',
    '  skipped   4 unchanged, 1 duplicate, 1.0 MiB saved',
    '  failed    5 ERR_HTTP_STATUS, 1 ERR_TIMEOUT',
    `  retry     ${retry}`,
    '  received  3.0 KiB, 8.0 Mbit/s on average',
    '  peak      16.0 of 100.0 Mbit/s in the worst second',
    '  resume    not before 2030-01-01 14:06',
    '  exit      1: some entries failed',
  ]
  t.strictSame(shown(eventful), lines)
  t.match(shown({ ...eventful, cap: 1e6, capBreached: true }), [
    ...lines.slice(0, 6),
    '  peak      16.0 of 8.0 Mbit/s in the worst second, more than a tenth above the',
    '            cap',
  ])
})

t.test('a narrow terminal gets more lines, and the command in one piece', async t => {
  t.strictSame(shown(eventful, 40).slice(2, 8), [
    '  skipped   4 unchanged, 1 duplicate,',
    '            1.0 MiB saved',
    '  failed    5 ERR_HTTP_STATUS, 1',
    '            ERR_TIMEOUT',
    `  retry     ${retry}`,
    '  received  3.0 KiB, 8.0 Mbit/s on',
  ])
})

t.test('only what failed is in colour', async t => {
  const options = { columns: 80, retry, paint: (colour: string, text: string) => `<${colour}>${text}</>` }
  t.notMatch(report(plain, options), '<')
  t.match(report(eventful, options), '\n<red>  failed    5 ERR_HTTP_STATUS, 1 ERR_TIMEOUT</>\n')
})

t.test('what to do next depends on how it ended', async t => {
  const next = '  next      the same command goes on where this one stopped'
  const again = `  retry     ${retry}`
  const planned = { assets: 0, bytes: 0, unknownSize: 0 }
  const cases: [facts: Partial<Summary>, advice: string[]][] = [
    [{ exitCode: 0 }, []],
    [{ exitCode: 1, failed: { ERR_DNS: 1 } }, [again]],
    [{ exitCode: 1, failed: { ERR_ENTRY_INVALID: 1, ERR_DNS: 1 } }, [again]],
    [{ exitCode: 1, failed: { ERR_ENTRY_INVALID: 1, ERR_PATH_INVALID: 2 } }, []],
    [{ exitCode: 130, failed: { ERR_ABORTED: 3, ERR_DNS: 1 } }, [next]],
    [{ exitCode: 143 }, [next]],
    [{ exitCode: 1, failed: { ERR_ENTRY_INVALID: 1 }, planned }, []],
  ]
  for (const [facts, advice] of cases)
    t.strictSame(
      shown({ ...plain, ...facts }).filter(line => /^ {2}(retry|next) /.test(line)),
      advice,
    )
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
    const lines = shown({ ...plain, stored: 0, bytesStored: 0, ms: 2000, ...facts })
    t.equal(lines[1], line)
    t.equal(lines.length, 3, 'without a peak')
  }
})
