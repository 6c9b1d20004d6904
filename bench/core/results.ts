import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from './command.js'
import type { Machine } from './machine.js'
import { type Column, type Row, table } from './table.js'

/** One table, and everything that it was made from. */
export type Results = {
  title: string
  /** What prints it. */
  command: string
  machine: Machine
  versions: Readonly<Record<string, string>>
  columns: readonly Column[]
  rows: readonly Row[]
  /** What has to be known to read it. */
  notes: readonly string[]
  /** What was measured, run by run. */
  raw: unknown
}

export type WriteOptions = {
  /** Whether it is the whole table at its full sizes; anything less is printed only. */
  keep?: boolean
}

/** Prints a table below its machine and versions, and keeps it as `bench/results/<name>.json`. */
export const writeResults = (name: string, results: Results, { keep = true }: WriteOptions = {}): void => {
  process.stdout.write(`\n${results.title}\n${origin(results)}\n\n${table(results.columns, results.rows)}`)
  for (const note of results.notes) process.stdout.write(`- ${note}\n`)
  if (!keep) return
  const folder = join(checkout(), 'bench/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results)}\n`)
}

/** What a table was measured with, in one line. */
export const origin = ({ machine, versions }: Pick<Results, 'machine' | 'versions'>): string => {
  const { cpu, cores, memory, kernel, node, at } = machine
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`)
  const place = `${cpu}, ${cores} cores, ${memory}, Linux ${kernel}, Node ${node.slice(1)}`
  return `${place}; ${programs.join(', ')}; ${at.slice(0, 10)}`
}
