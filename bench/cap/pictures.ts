import { panelsOverTime } from '../chart/panels.js'
import { spansOf } from '../chart/spans.js'
import { median } from '../core/statistics.js'
import type { Measured } from './measure.js'
import { neighbourRows } from './rows.js'

/** Every run of every row, by its name. */
export type Runs = ReadonlyMap<string, readonly Measured[]>

/** Who is in the picture of arrivals. */
const panels = [
  { row: '2 MB, 50 Mbit/s', title: 'sluice', colour: 0 },
  { row: '2 MB, 50 Mbit/s, no ranges', title: 'sluice, from an origin without ranges', colour: 1 },
  { row: 'aria2c', title: 'aria2c --max-overall-download-limit', colour: 2 },
]

/** The rows that the picture of arrivals is made from. */
export const arrivals: readonly string[] = panels.map(({ row }) => row)

/** What arrives over time, by who fetches: nothing is told of it by a mean. */
export const arrivalsPicture = (runs: Runs): string =>
  panelsOverTime({
    title: 'What arrives in every 100 ms under a cap of 50 Mbit/s, in Mbit/s',
    description:
      'Assets of 2 MB over a link of 500 Mbit/s: sluice stays at the cap where the origin has ranges, within twice the cap where it has none, and aria2c arrives in bursts of nearly the whole link.',
    panels: panels.map(({ row, title, colour }) => {
      const tenths = usualRun(runs.get(row) ?? [])?.tenths ?? []
      const points = tenths.map((times, index) => [index / 10, times * 50] as const)
      return { title, series: [{ name: '', colour, points }], most: 500, limit: { at: 50, says: 'the cap' } }
    }),
  })

/** What a neighbour waits, by who else uses the link. */
export const neighbourPicture = (runs: Runs): string =>
  spansOf({
    title: 'What a neighbour waits for 1 KB over a link of 100 Mbit/s',
    description:
      'With sluice at half of the link, 99 of 100 requests of a neighbour take a few milliseconds, as on the idle link; with the others tens to hundreds.',
    axis: 'milliseconds',
    values: ['median', '99th percentile', 'worst'],
    spans: neighbourRows.map(({ name, who }) => {
      const of = (key: 'p50' | 'p99' | 'max') => median((runs.get(name) ?? []).map(run => run[key]))
      return {
        name: name === 'nobody' ? 'nobody else' : name,
        colour: who === 'sluice' ? 0 : who ? 2 : 3,
        values: [of('p50'), of('p99'), of('max')],
      }
    }),
  })

/** The run in the middle, by its worst 100 ms. */
const usualRun = (runs: readonly Measured[]): Measured | undefined =>
  runs.toSorted((a, b) => a.worstTenth - b.worstTenth)[Math.floor(runs.length / 2)]
