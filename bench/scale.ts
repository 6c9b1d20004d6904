import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bench } from './core/bench.js'
import { inTurn } from './core/in-turn.js'
import { machine } from './core/machine.js'
import { ensurePeers } from './core/peers.js'
import { writeResults } from './core/results.js'
import { measure, type Scaled } from './scale/measure.js'
import { openOrigin } from './scale/origin.js'
import { columnsOf, toRow } from './scale/rows.js'
import { nameOf, type ScaleRow, scaleRows, scaleTables } from './scale/tables.js'

const command = 'npm run bench:scale'
const about = 'What very long lists cost in memory and time, also in a memory cgroup, beside curl and aria2c.'
const flags = { dir: 'where to work, on a disk; by default among temporary files' }

/** How often a row is measured: what takes minutes, once. */
const usualRuns = (entries: number): number => (entries > 1_000_000 ? 1 : entries > 100_000 ? 3 : 5)

await bench({ command, about, flags }, async bench => {
  const versions = await ensurePeers(['nginx', 'curl', 'aria2c', 'time'])
  const all = scaleRows(bench.quick)
  const wanted = all.filter(row => bench.isWanted(nameOf(row)))
  const folder = mkdtempSync(join(bench.values['dir'] ?? tmpdir(), 'sluice-scale-'))
  bench.after(() => rmSync(folder, { recursive: true, force: true }))
  const { url, close } = await openOrigin(folder)
  bench.after(close)
  for (const table of scaleTables) {
    const ofTable = wanted.filter(row => row.table === table)
    if (ofTable.length === 0) continue
    const measured = new Map<ScaleRow, Scaled[]>()
    for (const entries of new Set(ofTable.map(row => row.entries))) {
      const ofSize = ofTable.filter(row => row.entries === entries)
      const runs = bench.runs(usualRuns(entries))
      const costs = await inTurn(ofSize, runs, row => {
        process.stderr.write(`${nameOf(row)}\n`)
        return measure(row, { url, folder, signal: bench.signal })
      })
      for (const [row, cost] of costs) measured.set(row, cost)
    }
    writeResults(
      table.name,
      {
        title: table.title,
        command: `${command} -- --only ${table.name}`,
        machine: machine(),
        versions,
        columns: columnsOf(table),
        rows: Array.from(measured, ([row, runs]) => toRow(row, runs)),
        notes: table.notes,
        raw: Object.fromEntries(Array.from(measured, ([row, runs]) => [nameOf(row), runs])),
      },
      { keep: !bench.quick, names: all.filter(row => row.table === table).map(nameOf) },
    )
  }
})
