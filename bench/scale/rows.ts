import { median } from '../core/statistics.js'
import type { Column, Row } from '../core/table.js'
import type { Scaled } from './measure.js'
import { nameOf, type ScaleRow, type ScaleTable } from './tables.js'

/** The columns of a table. */
export const columnsOf = ({ limitBytes }: ScaleTable): Column[] => [
  { key: 'entries', title: 'entries' },
  { key: 'what', title: 'what' },
  { key: 'entriesPerSecond', title: 'entries/s' },
  { key: 'wallSeconds', title: 'wall', digits: 1, unit: ' s' },
  { key: 'cpuSeconds', title: 'CPU', digits: 1, unit: ' s' },
  { key: 'firstMs', title: 'first outcome', unit: ' ms' },
  { key: 'peakMebibytes', title: 'peak memory', unit: ' MiB' },
  ...(limitBytes ? [{ key: 'groupMebibytes', title: 'peak of the group', unit: ' MiB' }] : []),
  { key: 'missing', title: 'missing' },
]

const killed = 128 + 9

/** The medians of all runs of a row. */
export const toRow = (row: ScaleRow, runs: readonly Scaled[]): Row => {
  const { contestant, entries } = row
  const middle = (pick: (run: Scaled) => number | undefined): number =>
    median(runs.flatMap(run => pick(run) ?? []))
  const lost = runs.find(run => run.code === killed || (contestant.isLinePerEntry && run.lines !== entries))
  return {
    name: nameOf(row),
    entries,
    what: contestant.name,
    ...(!lost && { entriesPerSecond: entries / (middle(run => run.wallMs) / 1000) }),
    wallSeconds: middle(run => run.wallMs) / 1000,
    cpuSeconds: middle(run => run.cpuMs) / 1000,
    firstMs: middle(run => run.firstMs),
    peakMebibytes: middle(run => run.peakBytes) / 1024 ** 2,
    groupMebibytes: middle(run => run.groupBytes) / 1024 ** 2,
    missing: lost
      ? `${lost.code === killed ? 'killed; ' : ''}${lost.lines.toLocaleString('en')} outcomes`
      : '',
  }
}
