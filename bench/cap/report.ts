import { machine } from '../core/machine.js'
import { writeResults } from '../core/results.js'
import { median } from '../core/statistics.js'
import type { Column } from '../core/table.js'
import { hasLimitRate } from './contestants.js'
import { judge } from './judge.js'
import type { Measured } from './measure.js'
import { capRows, neighbourRows, peerRows, poolRows, type Row, roundTripRows, segmentRows } from './rows.js'

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
  { key: 'goal', title: 'goal' },
  { key: 'holds', title: 'holds' },
  { key: 'runs', title: 'runs' },
]

/** Rows of the cap that are shown beside others, and what they are called there. */
const beside = new Map([
  ['2 MB, 50 Mbit/s', 'sluice'],
  ['2 MB, 50 Mbit/s, no ranges', 'sluice, origin without ranges'],
])
const comparison = capRows.filter(({ name }) => beside.has(name))

/** Which rows are shown together, as which table. */
const tables = [
  { name: 'cap', title: 'The cap on a link of 500 Mbit/s', rows: capRows },
  {
    name: 'cap-peers',
    title: 'Assets of 2 MB under a cap of 50 Mbit/s on a link of 500 Mbit/s',
    rows: [...comparison, ...peerRows],
  },
  {
    name: 'cap-neighbour',
    title: 'A neighbour on a link of 100 Mbit/s, half of which is the cap',
    rows: neighbourRows,
  },
  {
    name: 'cap-segments',
    title: 'Assets of 2 MB under a cap of 50 Mbit/s on a link of 100 Mbit/s',
    rows: segmentRows,
  },
  {
    name: 'cap-round-trips',
    title: 'Assets of 2 MB under a cap of 50 Mbit/s, from far away',
    rows: roundTripRows,
  },
  {
    name: 'cap-pools',
    title: 'Four processes under one cap, as a pool, on a link of 500 Mbit/s',
    rows: poolRows,
  },
]

/** What has to be known of all tables, said with the first one. */
const notes = [
  'Medians of each column; TCP payload as it arrived at the interface, read every 4 ms, the neighbour’s own subtracted.',
  'Cap used: from the first byte to the last. Worst: the most in any such time, times the cap.',
  'Up to 1 MB waits at the far end of the link, as in a router; on 100 Mbit/s that is 80 ms. What comes then is lost.',
  'The neighbour asks for 1 KB over one connection, 2 ms after each answer, from another nginx across the same link.',
  'It and what watches the link go ahead of all others on the machine, as if they were on one of their own.',
]

const notesOf = (rows: readonly Row[]): string[] => {
  const isUncapped = rows.some(({ who }) => who === 'wget2') && !hasLimitRate()
  return [
    ...(rows === capRows ? notes : []),
    ...(isUncapped ? ['This wget2 is older than its --limit-rate, and so without a cap.'] : []),
  ]
}

/** Prints what was measured, table by table, and keeps what was measured at its full size. */
export const report = (
  runsOf: ReadonlyMap<string, readonly Measured[]>,
  { versions, isFull }: ReportOptions,
): void => {
  const medians = new Map([...runsOf].map(([name, runs]) => [name, medianOf(runs)]))
  const idle = medians.get('nobody')?.p99
  for (const { name, title, rows } of tables) {
    const named = rows.map(row => ({ row, label: (rows !== capRows && beside.get(row.name)) || row.name }))
    const names = named.map(({ label }) => label)
    const shown = named.flatMap(({ row, label }) => {
      const median = medians.get(row.name)
      const runs = runsOf.get(row.name)?.length
      return median ? [{ name: label, ...median, ...judge(row.goal, median, idle), runs }] : []
    })
    if (shown.length === 0) continue
    const raw = Object.fromEntries(named.map(({ row, label }) => [label, runsOf.get(row.name)]))
    const filled = columns.filter(({ key }) => shown.some(row => key in row))
    const of = {
      title,
      command: 'npm run bench:cap',
      machine: machine(),
      versions,
      notes: notesOf(rows),
      raw,
    }
    const results = { ...of, columns: filled, rows: shown }
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
