import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openContainer } from '../../fixtures/container.js'
import { refusal } from '../core/refuse.js'
import { type Timed, timed } from '../core/timed.js'
import type { Contestant } from './contestants.js'
import type { ScaleTable, Trial } from './tables.js'

/** What a run over a list cost. */
export type Scaled = Omit<Timed, 'stderr'> & {
  /** From the start of the process to the first it said of any entry; none where it said nothing. */
  firstMs?: number
  /** Of what it wrote to stdout. */
  lines: number
  /** The most that it and the files it used had in memory at once, where that was limited. */
  groupBytes?: number
}

/** Where it works: what is at `url`, and a folder. */
export type Site = { url: string; folder: string; signal: AbortSignal }

/** Does what a trial says once, in a folder of its own that is gone afterwards: what each of its steps cost. */
export const measure = async ({ table, steps, entries }: Trial, site: Site): Promise<Scaled[]> => {
  const folder = join(site.folder, 'out')
  mkdirSync(folder)
  try {
    const costs: Scaled[] = []
    for (const step of steps) costs.push(await limited(table, step, entries, { ...site, folder }))
    return costs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const limited = async (
  { name, limitBytes }: ScaleTable,
  contestant: Contestant,
  entries: number,
  site: Site,
): Promise<Scaled> => {
  if (!limitBytes) return piped(contestant, entries, site, [])
  const container = openContainer(limitBytes, `sluice-bench-${process.pid}`)
  if (!container) throw refusal(`${name} takes root: this process may not limit the memory of others`)
  try {
    const wrap = ['sh', '-c', 'echo $$ > "$0" && exec "$@"', container.procs]
    const cost = await piped(contestant, entries, site, wrap)
    const groupBytes = container.peakBytes()
    return { ...cost, ...(groupBytes !== undefined && { groupBytes }) }
  } finally {
    container.close()
  }
}

const piped = async (
  { name, command, input, isLinePerEntry }: Contestant,
  entries: number,
  { url, folder, signal }: Site,
  wrap: readonly string[],
): Promise<Scaled> => {
  let firstMs: number | undefined
  let lines = 0
  const startedAt = performance.now()
  const output = (chunk: Buffer): void => {
    firstMs ??= performance.now() - startedAt
    lines += countLines(chunk)
  }
  const options = { cwd: folder, input: input(url, entries), output, wrap, signal }
  const { stderr, ...cost } = await timed(command(folder), options)
  if (isLinePerEntry && lines !== entries)
    process.stderr.write(`${name}: ${lines} of ${entries} lines, exit ${cost.code}: ${stderr.trim()}\n`)
  return { ...cost, lines, ...(firstMs !== undefined && { firstMs }) }
}

const newline = 10

const countLines = (chunk: Buffer): number => {
  let lines = 0
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) lines += 1
  return lines
}
