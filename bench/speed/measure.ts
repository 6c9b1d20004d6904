import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../core/bench.js'
import { makeCorpus, paths } from './corpora.js'
import { type Checked, fetchAll } from './fetch.js'
import type { FetchRow } from './fetch-rows.js'
import { writeLists } from './lists.js'
import { openOrigin } from './origin.js'

/** Measures every one of `rows`, working in `folder`: what each of its runs cost. */
export const measureRows = async (
  bench: Pick<Bench, 'runs' | 'signal'>,
  folder: string,
  rows: readonly FetchRow[],
): Promise<Map<FetchRow, Checked[]>> => {
  const measured = new Map<FetchRow, Checked[]>()
  for (const isTls of distinct(rows.map(({ table }) => table.isTls))) {
    const { url, root, certificate, close } = await openOrigin(folder, isTls)
    try {
      const ofOrigin = rows.filter(({ table }) => table.isTls === isTls)
      for (const corpus of distinct(ofOrigin.map(row => row.corpus))) {
        process.stderr.write(`${new URL(url).protocol} ${corpus.name}\n`)
        const assets = join(root, corpus.folder)
        if (!existsSync(assets)) makeCorpus(assets, corpus)
        const lists = writeLists(folder, `${url}/${corpus.folder}`, paths(corpus))
        const ofCorpus = ofOrigin.filter(row => row.corpus === corpus)
        const passes = await fetchAll(distinct(ofCorpus.map(({ contestant }) => contestant)), {
          corpus,
          task: { lists, certificate },
          folder,
          isTwice: ofCorpus.some(({ table }) => table.of === 'second'),
          runs: bench.runs(5),
          signal: bench.signal,
        })
        for (const row of ofCorpus)
          measured.set(
            row,
            (passes.get(row.contestant) ?? []).flatMap(pass => pass[row.table.of] ?? []),
          )
      }
    } finally {
      await close()
    }
  }
  return measured
}

const distinct = <Value>(values: readonly Value[]): Value[] => [...new Set(values)]
