import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
  /** Whether it is the whole table at its full sizes, unless false; anything less is printed only. */
  keep?: boolean
  /**
   * For tables whose rows are compared with no other of the same run: the `name` of every row, in order. Rows that were not measured
   * now stay as they were, if machine and versions are the same.
   */
  names?: readonly string[]
}

/** Prints a table below its machine and versions, and keeps it as `bench/results/<name>.json`. */
export const writeResults = (name: string, results: Results, options: WriteOptions = {}): void => {
  process.stdout.write(`\n${results.title}\n${origin(results)}\n\n${table(results.columns, results.rows)}`)
  for (const note of results.notes) process.stdout.write(`- ${note}\n`)
  keepResults(name, results, options)
}

/** Keeps it without a word: what of a long run shall not be lost. */
export const keepResults = (name: string, results: Results, { keep = true, names }: WriteOptions): void => {
  if (!keep) return
  const folder = join(checkout(), 'bench/results')
  const file = join(folder, `${name}.json`)
  const kept = names ? withEarlier(results, readResults(file), names) : results
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(kept)}\n`)
}

const readResults = (file: string): Results | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined

/** With the rows of `earlier` that were not measured anew, where those are of the same machine and versions, in the order of `names`. */
export const withEarlier = (
  results: Results,
  earlier: Results | undefined,
  names: readonly string[],
): Results => {
  if (!earlier || setting(earlier) !== setting(results)) return results
  const named = new Map<unknown, Row>([...earlier.rows, ...results.rows].map(row => [row['name'], row]))
  const rows = names.map(name => named.get(name)).filter(row => row !== undefined)
  return { ...results, rows, raw: { ...(earlier.raw as object), ...(results.raw as object) } }
}

const setting = ({ machine, versions }: Results): string =>
  JSON.stringify([{ ...machine, at: undefined }, versions])

/** What a table was measured with, in one line. */
export const origin = ({ machine, versions }: Pick<Results, 'machine' | 'versions'>): string => {
  const { cpu, cores, memory, kernel, node, at } = machine
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`)
  const place = `${cpu}, ${cores} cores, ${memory}, Linux ${kernel}, Node ${node.slice(1)}`
  return `${place}; ${programs.join(', ')}; ${at.slice(0, 10)}`
}
