import { machine } from '../core/machine.js'
import { writeResults } from '../core/results.js'
import { median } from '../core/statistics.js'
import type { Column } from '../core/table.js'
import type { Measured } from './measure.js'

export type ReportOptions = {
  versions: Readonly<Record<string, string>>
  /** How many assets there are, and what they are in all. */
  count: number
  bytes: number
  /** Whether everything was measured at its full size. */
  isWhole: boolean
}

const columns: Column[] = [
  { key: 'name', title: 'strategy' },
  { key: 'seconds', title: 'duration', digits: 1, unit: ' s' },
  { key: 'peak', title: 'peak, worst second', unit: ' Mbit/s' },
  { key: 'megabytes', title: 'bytes moved', digits: 1, unit: ' MB' },
  { key: 'p99', title: 'neighbour p99', digits: 1, unit: ' ms' },
  { key: 'failures', title: 'its failures', digits: 2, unit: ' %' },
  { key: 'runs', title: 'runs' },
]

/** Prints what each strategy did, and keeps it where it is all of it. */
export const report = (
  runsOf: ReadonlyMap<string, readonly Measured[]>,
  { versions, count, bytes, isWhole }: ReportOptions,
): void => {
  const rows = [...runsOf].map(([name, runs]) => {
    const of = (value: (run: Measured) => number): number => median(runs.map(value))
    return {
      name,
      seconds: name === 'nobody' ? undefined : of(run => run.seconds),
      peak: name === 'nobody' ? undefined : of(run => run.peak),
      megabytes: name === 'nobody' ? undefined : of(run => run.bytes / 1e6),
      p99: of(run => run.p99),
      failures: of(run => (100 * run.failures) / run.requests),
      runs: runs.length,
    }
  })
  const notes = [
    `${count} assets of ${(bytes / 1e6).toFixed(0)} MB in all, log-normal around 60 KB; a tenth of them changed since the last sync. The cap is half of the link.`,
    'Up to 1 MB waits at the far end of the link, as in a router; on 100 Mbit/s that is 80 ms. What comes then is lost.',
    'The origin answers one request of 256 with 503.',
    'The neighbour asks for 1 KB, 2 ms after each answer; what takes over a second is a failure.',
  ]
  writeResults(
    'strategies',
    {
      title: 'Three strategies on one link of 100 Mbit/s',
      command: 'npm run bench:strategies',
      machine: machine(),
      versions,
      columns,
      rows,
      notes,
      raw: Object.fromEntries(runsOf),
    },
    { keep: isWhole },
  )
}
