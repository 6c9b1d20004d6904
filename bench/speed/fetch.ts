import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inTurn } from '../core/in-turn.js'
import { type Timed, timed } from '../core/timed.js'
import type { Contestant, Task } from './contestants.js'
import type { Corpus } from './corpora.js'
import { missing } from './stored.js'

/** One run of one program: the first fetch, and the second over what that stored. */
export type Pass = { first: Checked; second?: Checked }

/** What a run cost, and what was not there after it. */
export type Checked = Omit<Timed, 'stderr'> & { missing: string }

export type FetchOptions = {
  corpus: Corpus
  task: Omit<Task, 'folder'>
  /** Where each program has a folder of its own, gone before the next one starts. */
  folder: string
  /** Whether there is a second fetch over what the first stored. */
  isTwice: boolean
  runs: number
  signal: AbortSignal
}

/** Fetches a corpus with every one of `contestants` in turn. */
export const fetchAll = (
  contestants: readonly Contestant[],
  { corpus, task, folder, isTwice, runs, signal }: FetchOptions,
): Promise<Map<Contestant, Pass[]>> =>
  inTurn(contestants, runs, async ({ name, fetch, again }) => {
    const out = join(folder, 'out')
    mkdirSync(out)
    const run = async (toCommand: Contestant['fetch']): Promise<Checked> => {
      const { command, env } = toCommand({ ...task, folder: out })
      const output = join(folder, 'outcomes')
      const { stderr, ...cost } = await timed(command, { cwd: out, output, signal, ...(env && { env }) })
      const lacks = missing(out, corpus)
      if (lacks) process.stderr.write(`${name}: ${lacks}, exit ${cost.code}: ${stderr}\n`)
      return { ...cost, missing: lacks }
    }
    try {
      const first = await run(fetch)
      return again && isTwice ? { first, second: await run(again) } : { first }
    } finally {
      rmSync(out, { recursive: true, force: true })
    }
  })
