import { rmSync } from 'node:fs'
import { type Bench, bench } from './core/bench.js'
import { machine } from './core/machine.js'
import { ensurePeers } from './core/peers.js'
import { writeResults } from './core/results.js'
import type { Checked } from './speed/fetch.js'
import { type FetchRow, fetchRows, nameOf } from './speed/fetch-rows.js'
import { measureRows } from './speed/measure.js'
import { openPlace } from './speed/place.js'
import { columnsAgainst, toRows } from './speed/rows.js'
import { measureStarts, startColumns, starts } from './speed/start.js'
import { type FetchTable, fetchTables } from './speed/tables.js'

const command = 'npm run bench:speed'
const about = 'How fast assets are fetched without a cap, first and again, beside curl -Z, aria2c and wget2.'
const flags = {
  dir: 'where to fetch to; by default in memory where that has room, else among temporary files',
}

type Versions = Readonly<Record<string, string>>

const fetches = async (bench: Bench, versions: Versions): Promise<void> => {
  const all = fetchRows(bench.quick)
  const wanted = all.filter(row => bench.isWanted(nameOf(row)))
  if (wanted.length === 0) return
  const place = openPlace(bench.values['dir'])
  bench.after(() => rmSync(place.folder, { recursive: true, force: true }))
  const measured = await measureRows(bench, place.folder, wanted)
  for (const table of fetchTables) {
    const rows = toRows(measured, table)
    if (rows.length === 0) continue
    writeResults(
      table.name,
      {
        title: table.title,
        command: `${command} -- --only ${table.name}`,
        machine: machine(),
        versions,
        columns: columnsAgainst(table.against),
        rows,
        notes: [`Stored ${place.kind}.`, ...table.notes],
        raw: toRaw(measured, table.name),
      },
      { keep: !bench.quick && isComparable(table, all, wanted), names: all.map(nameOf) },
    )
  }
}

/** Whether all programs were measured with the same assets in this run: what is compared with nothing is printed only. */
const isComparable = (table: FetchTable, all: readonly FetchRow[], wanted: readonly FetchRow[]): boolean =>
  all
    .filter(
      row =>
        row.table === table && wanted.some(other => other.table === table && other.corpus === row.corpus),
    )
    .every(row => wanted.includes(row))

const toRaw = (measured: ReadonlyMap<FetchRow, readonly Checked[]>, name: string): Record<string, unknown> =>
  Object.fromEntries(
    [...measured].filter(([{ table }]) => table.name === name).map(([row, runs]) => [nameOf(row), runs]),
  )

const beginnings = async (bench: Bench, versions: Versions): Promise<void> => {
  const name = 'speed-start'
  const runs = bench.runs(9)
  const wanted = starts.filter(start => bench.isWanted(`${name} ${start.name}`))
  if (wanted.length === 0) return
  const measured = await measureStarts(wanted, runs, bench.signal)
  writeResults(
    name,
    {
      title: 'The start',
      command: `${command} -- --only ${name}`,
      machine: machine(),
      versions,
      columns: startColumns,
      notes: ['Everything is in the cache of files.'],
      ...measured,
    },
    { keep: !bench.quick && wanted.length === starts.length },
  )
}

await bench({ command, about, flags }, async bench => {
  const versions = await ensurePeers(['nginx', 'curl', 'aria2c', 'wget2', 'openssl', 'time'])
  await beginnings(bench, versions)
  await fetches(bench, versions)
})
