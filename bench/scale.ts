import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, bench } from './core/bench.js'
import { inTurn } from './core/in-turn.js'
import { machine } from './core/machine.js'
import { ensurePeers } from './core/peers.js'
import { keepResults, type Results, writeResults } from './core/results.js'
import { measure, type Scaled } from './scale/measure.js'
import { openOrigin } from './scale/origin.js'
import { columnsOf, toRows } from './scale/rows.js'
import { namesOf, type ScaleTable, scaleTables, type Trial, trials } from './scale/tables.js'

const command = 'npm run bench:scale'
const about = 'What very long lists cost in memory and time, also in a memory cgroup, beside curl and aria2c.'
const flags = { dir: 'where to work, on a disk; by default among temporary files' }

/** How often a row is measured: what takes minutes, once. */
const usualRuns = (entries: number): number => (entries > 1_000_000 ? 1 : 3)

/** Of each trial all runs, and of each run all steps. */
type Measured = ReadonlyMap<Trial, readonly (readonly Scaled[])[]>

const toResults = (table: ScaleTable, measured: Measured, versions: Results['versions']): Results => ({
  title: table.title,
  command: `${command} -- --only ${table.name}`,
  machine: machine(),
  versions,
  columns: columnsOf(table),
  rows: Array.from(measured, ([trial, runs]) => toRows(trial, runs)).flat(),
  notes: table.notes,
  raw: Object.fromEntries(
    Array.from(measured, ([trial, runs]) =>
      namesOf(trial).map((name, step) => [name, runs.map(run => run[step])]),
    ).flat(),
  ),
})

const openSite = async ({ values, after, signal }: Bench) => {
  const folder = mkdtempSync(join(values['dir'] ?? tmpdir(), 'sluice-scale-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const { url, close } = await openOrigin(folder)
  after(close)
  return { url, folder, signal }
}

await bench({ command, about, flags }, async bench => {
  const versions = await ensurePeers(['nginx', 'curl', 'aria2c', 'time'])
  const all = trials(bench.quick)
  const site = await openSite(bench)
  for (const table of scaleTables) {
    const ofTable = all.filter(trial => trial.table === table)
    const wanted = ofTable.filter(trial => namesOf(trial).some(bench.isWanted))
    if (wanted.length === 0) continue
    const options = { keep: !bench.quick, names: ofTable.flatMap(namesOf) }
    const measured = new Map<Trial, Scaled[][]>()
    for (const entries of new Set(wanted.map(trial => trial.entries))) {
      const ofSize = wanted.filter(trial => trial.entries === entries)
      const costs = await inTurn(ofSize, bench.runs(usualRuns(entries)), trial => {
        process.stderr.write(`${namesOf(trial).join(', ')}\n`)
        return measure(trial, site)
      })
      for (const [trial, runs] of costs) measured.set(trial, runs)
      keepResults(table.name, toResults(table, measured, versions), options)
    }
    writeResults(table.name, toResults(table, measured, versions), options)
  }
})
