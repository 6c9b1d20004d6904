import { panelsOverTime } from '../chart/panels.js'
import type { Measured } from './measure.js'

const shown = [
  { row: 'brute force: 200 in flight', name: 'brute force', colour: 2 },
  { row: 'throttled and retried', name: 'throttled and retried', colour: 1 },
  { row: 'incremental and throttled', name: 'incremental and throttled', colour: 0 },
]

/** What each strategy takes of the link over time, and what the neighbour waits meanwhile. */
export const strategiesPicture = (runsOf: ReadonlyMap<string, readonly Measured[]>): string => {
  const seriesOf = (value: (half: Measured['halves'][number]) => number) =>
    shown.map(({ row, name, colour }) => {
      const halves = usualRun(runsOf.get(row) ?? [])?.halves ?? []
      // The last one is hardly ever whole.
      const points = halves.slice(0, -1).map((half, index) => [index / 2 + 0.25, value(half)] as const)
      return { name, colour, points }
    })
  return panelsOverTime({
    title: 'Three strategies for one catalog on a link of 100 Mbit/s',
    description:
      'Brute force fills the link and ends first, and a neighbour waits long meanwhile; throttled takes half of the link for twice as long, and the neighbour hardly notices; incremental and throttled does the same, and is done after a fraction of the time.',
    panels: [
      {
        title: 'received, Mbit/s',
        series: seriesOf(({ rate }) => rate),
        most: 110,
        limit: { at: 50, says: 'the cap' },
      },
      {
        title: 'longest wait of the neighbour in each half of a second, ms',
        // The names are above.
        series: seriesOf(({ wait }) => wait).map(series => ({ ...series, name: '' })),
        least: 0.1,
        most: 1000,
      },
    ],
  })
}

/** The run in the middle, by how long it took. */
const usualRun = (runs: readonly Measured[]): Measured | undefined =>
  runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]
