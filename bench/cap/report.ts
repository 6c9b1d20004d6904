import { machine } from '../core/machine.js'
import { writeResults } from '../core/results.js'
import { median } from '../core/statistics.js'
import type { Column } from '../core/table.js'
import { hasLimitRate } from './contestants.js'
import { judge } from './judge.js'
import type { Measured } from './measure.js'
import { capRows, neighbourRows, peerRows, roundTripRows, segmentRows } from './rows.js'

export type ReportOptions = {
  versions: Readonly<Record<string, string>>
  /** Whether it was measured at its full size. */
  isFull: boolean
}

const columns: Column[] = [
  { key: 'name', title: '' },
  { key: 'used', title: 'cap used', digits: 2 },
  { key: 'worstSecond', title: 'worst 1 s', digits: 2, unit: ' x' },
  { key: 'worstTenth', title: 'worst 100 ms', digits: 2, unit: ' x' },
  { key: 'requestsPerAsset', title: 'requests per asset', digits: 1 },
  { key: 'p50', title: 'neighbour p50', digits: 1, unit: ' ms' },
  { key: 'p99', title: 'p99', digits: 1, unit: ' ms' },
  { key: 'max', title: 'max', digits: 1, unit: ' ms' },
]
const judged: Column[] = [...columns, { key: 'goal', title: 'goal' }, { key: 'holds', title: 'holds' }]

const comparison = capRows.filter(({ name }) => /^2 MB, 50 Mbit\/s(, no ranges)?$/.test(name))

/** Which rows are shown together, as which table. */
const tables = [
  { name: 'cap', title: 'The cap on a link of 500 Mbit/s', rows: capRows, columns: judged },
  {
    name: 'cap-peers',
    title: 'Assets of 2 MB under a cap of 50 Mbit/s on a link of 500 Mbit/s',
    rows: [...comparison, ...peerRows],
    columns,
  },
  {
    name: 'cap-neighbour',
    title: 'A neighbour on a link of 100 Mbit/s, half of which is the cap',
    rows: neighbourRows,
    columns: judged,
  },
  {
    name: 'cap-segments',
    title: 'Assets of 2 MB under a cap of 50 Mbit/s on a link of 100 Mbit/s',
    rows: segmentRows,
    columns,
  },
  {
    name: 'cap-round-trips',
    title: 'Assets of 2 MB under a cap of 50 Mbit/s, from far away',
    rows: roundTripRows,
    columns: judged,
  },
]

const notesFor = (versions: ReportOptions['versions']): string[] => [
  'Medians of each column; TCP payload as it arrived at the interface, read every 4 ms, the neighbour’s own subtracted.',
  'Cap used: from the first byte to the last. Worst: the most in any such time, times the cap.',
  'Up to 1 MB waits at the far end of the link, as in a router; on 100 Mbit/s that is 80 ms. What comes then is lost.',
  'The neighbour asks for 1 KB over one connection, 2 ms after each answer, from another nginx across the same link.',
  'It and what watches the link go ahead of all others on the machine, as if they were on one of their own.',
  ...(versions['wget2'] === undefined || hasLimitRate()
    ? []
    : ['This wget2 is older than its --limit-rate, and so without a cap.']),
]

/** Prints what was measured, table by table, and keeps what was measured at its full size. */
export const report = (
  runsOf: ReadonlyMap<string, readonly Measured[]>,
  { versions, isFull }: ReportOptions,
): void => {
  const medians = new Map([...runsOf].map(([name, runs]) => [name, medianOf(runs)]))
  const idle = medians.get('nobody')?.p99
  for (const { name, title, rows, columns } of tables) {
    const names = rows.map(({ name }) => name)
    const shown = rows.flatMap(row => {
      const median = medians.get(row.name)
      return median ? [{ name: row.name, ...median, ...judge(row.goal, median, idle) }] : []
    })
    if (shown.length === 0) continue
    const raw = Object.fromEntries(shown.map(({ name }) => [name, runsOf.get(name)]))
    const command = 'npm run bench:cap'
    const results = {
      title,
      command,
      machine: machine(),
      versions,
      columns,
      rows: shown,
      notes: notesFor(versions),
      raw,
    }
    // The neighbour is judged by what it has alone, in the same run.
    const options =
      rows === neighbourRows ? { keep: isFull && shown.length === rows.length } : { keep: isFull, names }
    writeResults(name, results, options)
  }
}

const medianOf = (runs: readonly Measured[]) => {
  const of = (key: Exclude<keyof Measured, 'tenths'>): number => median(runs.map(run => run[key]))
  return {
    used: of('used'),
    worstSecond: of('worstSecond'),
    worstTenth: of('worstTenth'),
    requestsPerAsset: of('requestsPerAsset'),
    p50: of('p50'),
    p99: of('p99'),
    max: of('max'),
  }
}
