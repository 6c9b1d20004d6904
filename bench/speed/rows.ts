import { median, spread } from '../core/statistics.js'
import type { Column, Row } from '../core/table.js'
import type { Corpus } from './corpora.js'
import type { Checked } from './fetch.js'
import { type FetchRow, nameOf } from './fetch-rows.js'
import type { FetchTable } from './tables.js'

/** The columns of every table of fetches; what its times are compared `against` is named in one. */
export const columnsAgainst = (against: string): Column[] => [
  { key: 'assets', title: 'assets' },
  { key: 'program', title: 'program' },
  { key: 'wallSeconds', title: 'wall', digits: 2, unit: ' s' },
  { key: 'ratio', title: `of ${against}`, digits: 2, unit: ' x' },
  { key: 'assetsPerSecond', title: 'assets/s' },
  { key: 'cpuSeconds', title: 'CPU', digits: 2, unit: ' s' },
  { key: 'peakMebibytes', title: 'peak memory', unit: ' MiB' },
  { key: 'runs', title: 'runs' },
  { key: 'spreadPercent', title: 'spread', unit: ' %' },
  { key: 'missing', title: 'missing' },
]

/** The rows of a table: the medians of their runs, and how the times compare with those of `against` for the same assets. */
export const toRows = (
  measured: ReadonlyMap<FetchRow, readonly Checked[]>,
  { name, against }: FetchTable,
): Row[] => {
  const ofTable = [...measured].filter(([{ table }]) => table.name === name)
  const wallMs = (assets: Corpus, program: string): number =>
    median(
      ofTable
        .filter(([{ corpus, contestant }]) => corpus === assets && contestant.name === program)
        .flatMap(([, runs]) => runs.map(run => run.wallMs)),
    )
  return ofTable.map(([row, runs]) => {
    const { corpus, contestant } = row
    const ms = wallMs(corpus, contestant.name)
    return {
      name: nameOf(row),
      assets: corpus.name,
      program: contestant.name,
      wallSeconds: ms / 1000,
      ratio: ms / wallMs(corpus, against),
      assetsPerSecond: corpus.count / (ms / 1000),
      cpuSeconds: median(runs.map(run => run.cpuMs)) / 1000,
      peakMebibytes: median(runs.map(run => run.peakBytes)) / 1024 ** 2,
      runs: runs.length,
      ...(runs.length > 1 && { spreadPercent: 100 * spread(runs.map(run => run.wallMs)) }),
      missing: runs.find(run => run.missing)?.missing ?? '',
    }
  })
}
