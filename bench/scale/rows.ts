import { median } from '../core/statistics.js'
import type { Column, Row } from '../core/table.js'
import type { Contestant } from './contestants.js'
import type { Scaled } from './measure.js'
import { namesOf, type ScaleTable, type Trial } from './tables.js'

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
  { key: 'runs', title: 'runs' },
  { key: 'missing', title: 'missing' },
]

const killed = 128 + 9

/** The rows of a trial: the medians of all its runs. */
export const toRows = (trial: Trial, runs: readonly (readonly Scaled[])[]): Row[] =>
  trial.steps.map((contestant, step) => ({
    name: namesOf(trial)[step],
    ...toRow(
      contestant,
      trial.entries,
      runs.flatMap(run => run[step] ?? []),
    ),
  }))

const toRow = ({ name, isLinePerEntry }: Contestant, entries: number, runs: readonly Scaled[]): Row => {
  const middle = (pick: (run: Scaled) => number | undefined): number =>
    median(runs.flatMap(run => pick(run) ?? []))
  const lost = runs.find(run => run.code === killed || (isLinePerEntry && run.lines !== entries))
  return {
    entries,
    what: name,
    ...(!lost && { entriesPerSecond: entries / (middle(run => run.wallMs) / 1000) }),
    wallSeconds: middle(run => run.wallMs) / 1000,
    cpuSeconds: middle(run => run.cpuMs) / 1000,
    firstMs: middle(run => run.firstMs),
    peakMebibytes: middle(run => run.peakBytes) / 1024 ** 2,
    groupMebibytes: middle(run => run.groupBytes) / 1024 ** 2,
    runs: runs.length,
    missing: lost
      ? `${lost.code === killed ? 'killed; ' : ''}${lost.lines.toLocaleString('en')} outcomes`
      : '',
  }
}
