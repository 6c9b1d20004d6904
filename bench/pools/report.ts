import { machine } from '../core/machine.js'
import { writeResults } from '../core/results.js'
import { median } from '../core/statistics.js'
import type { Column } from '../core/table.js'
import type { Who } from './actors/contestant.js'
import { type Figure, type Row, tables } from './rows.js'
import type { Observed } from './scenario.js'

/** Every run of a row, by whom it was measured of. */
export type Runs = ReadonlyMap<Who, readonly Observed[]>

export type ReportOptions = { versions: Readonly<Record<string, string>>; isFull: boolean }

const columns: Column[] = [
  { key: 'name', title: '' },
  { key: 'sluice', title: 'sluice' },
  { key: 'goal', title: 'goal' },
  { key: 'holds', title: 'holds' },
  { key: 'bottleneck', title: 'bottleneck' },
  { key: 'turns', title: 'turn-taking' },
  { key: 'test', title: 'test' },
  { key: 'runs', title: 'runs' },
]

const notes = [
  'Actors are processes, at most 8 for one crowd, each with 100 draws that wait at any time; the limit is in requests a second.',
  'Every draw is stamped by its sender with a clock that all processes share. Windows are half-open, and slide over all draws.',
  'sluice: the worst of all runs where there is a goal, and the median elsewhere; the others: the median.',
  'Turn-taking is an own small version of the idea: a ring over pub/sub, in which the next acts 1 / rate after it heard of the last.',
  'Redis, actors and whatever stands between them share the processors of one machine.',
]

/** Prints what was measured, table by table, and keeps what was measured at its full size. */
export const report = (runsOf: ReadonlyMap<string, Runs>, { versions, isFull }: ReportOptions): void => {
  for (const { name, title, rows } of tables) {
    const shown = rows.flatMap(row => {
      const runs = runsOf.get(row.name)
      return runs ? row.figures.map(figure => line(row, figure, runs)) : []
    })
    if (shown.length === 0) continue
    const raw = Object.fromEntries(shown.map(({ name: label, raw }) => [label, raw] as const))
    const lines = shown.map(({ raw: _, ...row }) => row)
    const filled = columns.filter(({ key }) => lines.some(row => key in row))
    const results = {
      title,
      command: 'npm run bench:pools',
      machine: machine(),
      versions,
      notes: [...(rows === tables[0]?.rows ? notes : []), othersIn(rows, runsOf)],
      raw,
      columns: filled,
      rows: lines,
    }
    const names = rows.flatMap(row => row.figures.map(figure => labelOf(row, figure)))
    writeResults(name, results, { keep: isFull, names })
  }
}

/** A slot that is late is forfeited: what others do on the machine shows in what is used of the limit. */
const othersIn = (rows: readonly Row[], runsOf: ReadonlyMap<string, Runs>): string => {
  const shares = rows.flatMap(({ name }) =>
    [...(runsOf.get(name) ?? [])].flatMap(([, runs]) => runs.map(({ others }) => 100 * others)),
  )
  const [usual, most] = [median(shares), Math.max(...shares)].map(share => `${share.toFixed(0)} %`)
  return `What else the machine did meanwhile took ${usual} of its processors as a rule, ${most} at most.`
}

const labelOf = (row: Row, figure: Figure): string => `${row.name}: ${figure.name}`

const line = (row: Row, figure: Figure, runs: Runs) => {
  const values = [...runs].map(([who, all]) => [who, all.map(figure.of)] as const)
  const { atLeast, atMost } = figure
  const ours = values.find(([who]) => who === 'sluice')?.[1] ?? []
  const worst = atMost !== undefined ? Math.max(...ours) : Math.min(...ours)
  const holds = ours.every(value => value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity))
  const isGoal = atLeast !== undefined || atMost !== undefined
  const said = values.map(([who, all]) => [
    who,
    inWords(figure, who === 'sluice' && isGoal ? worst : median(all)),
  ])
  return {
    name: labelOf(row, figure),
    ...(Object.fromEntries(said) as Record<string, string>),
    ...(isGoal && ours.length > 0 && { goal: goalOf(figure), holds: holds ? 'yes' : 'no' }),
    test: row.test,
    runs: ours.length,
    raw: Object.fromEntries(values),
  }
}

const inWords = ({ digits = 0, unit = '' }: Figure, value: number): string =>
  Number.isFinite(value)
    ? `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`
    : 'never'

const goalOf = (figure: Figure): string => {
  const { atLeast, atMost } = figure
  if (atLeast !== undefined && atLeast === atMost) return inWords(figure, atMost)
  const ends = [
    atLeast === undefined ? [] : `≥ ${inWords(figure, atLeast)}`,
    atMost === undefined ? [] : `≤ ${inWords(figure, atMost)}`,
  ]
  return ends.flat().join(', ')
}
