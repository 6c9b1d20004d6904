import {
  ariaAsks,
  ariaAsksLater,
  type Contestant,
  curlAsks,
  fetches,
  fetchesAgain,
  planArray,
  planHalf,
  planLines,
  planOne,
  sluiceAsks,
  syncOne,
} from './contestants.js'

/** One table of the bench. */
export type ScaleTable = {
  /** Of its file, and what --only finds it by. */
  name: string
  title: string
  /** What the memory of all that runs for a row is limited to. */
  limitBytes?: number
  /** Who takes lists of which sizes, each alone or one after the other in the same folder. */
  contests: readonly {
    contestants: readonly (Contestant | readonly Contestant[])[]
    sizes: readonly number[]
  }[]
  notes: readonly string[]
}

const [few, many, most] = [100_000, 1_000_000, 10_000_000]
const real = 60_000

export const scaleTables: readonly ScaleTable[] = [
  {
    name: 'scale-entries',
    title: 'Entries through parse, dedupe and index',
    contests: [{ contestants: [planArray, planLines, planHalf, planOne, syncOne], sizes: [few, many, most] }],
    notes: [
      'Made on the fly and piped in by the bench, which counts the outcomes, on the same cores. Nothing but the one asset is asked for.',
    ],
  },
  {
    name: 'scale-peers',
    title: 'As many requests, each answered 404',
    contests: [
      { contestants: [sluiceAsks, curlAsks, ariaAsksLater], sizes: [few, many] },
      { contestants: [ariaAsks], sizes: [few] },
    ],
    notes: [
      'aria2c keeps about 12 KiB for each URL, which is why it does not get 1,000,000 of them here; or none with --deferred-input=true --keep-unfinished-download-result=false.',
      'wget2 is not here: it never ended with a list from a pipe (-i -), whatever the answers.',
    ],
  },
  {
    name: 'scale-container',
    title: 'In a memory cgroup of 128 MiB',
    limitBytes: 128 * 1024 ** 2,
    contests: [
      { contestants: [planLines, syncOne], sizes: [few, many, most] },
      { contestants: [[fetches, fetchesAgain]], sizes: [real] },
      { contestants: [ariaAsks], sizes: [few] },
      { contestants: [curlAsks, ariaAsksLater], sizes: [many] },
      { contestants: [curlAsks], sizes: [most] },
    ],
    notes: [
      'The peak of the group has in it what the kernel keeps of files, which it gives back when memory is asked for.',
      'The origin is outside of it, and so is what makes the list.',
    ],
  },
]

/** What is measured together: a row of a table for each of its steps. */
export type Trial = { table: ScaleTable; steps: readonly Contestant[]; entries: number }

/** Everything that the tables can have; a hundredth of their sizes, but no ten million, where that has to do. */
export const trials = (isQuick: boolean): Trial[] =>
  scaleTables.flatMap(table =>
    table.contests.flatMap(({ contestants, sizes }) =>
      sizes
        .filter(size => !isQuick || size < most)
        .flatMap(size =>
          contestants.map(contestant => ({
            table,
            steps: [contestant].flat(),
            entries: isQuick ? size / 100 : size,
          })),
        ),
    ),
  )

/** What --only finds its rows by. */
export const namesOf = ({ table, steps, entries }: Trial): string[] =>
  steps.map(({ name }) => `${table.name} ${entries.toLocaleString('en')} ${name}`)
