import { programOf } from './cap/contestants.js'
import { measure } from './cap/measure.js'
import { arrivals, arrivalsPicture, neighbourPicture } from './cap/pictures.js'
import { report } from './cap/report.js'
import { allRows, neighbourRows } from './cap/rows.js'
import { writePicture } from './chart/write-picture.js'
import { bench } from './core/bench.js'
import { inTurn } from './core/in-turn.js'
import { ensurePeers } from './core/peers.js'
import { startOrigins } from './link/origins.js'
import { openScratch } from './link/scratch.js'
import { openSharedLink } from './link/shared-link.js'
import { openTurns } from './link/turns.js'

const about =
  'How well a cap is kept on a link of a known rate, what it costs, and what a neighbour has of it.'
const flags = { lock: 'a file whose lock is held while measuring, where others measure too' }

await bench({ command: 'npm run bench:cap', about, flags }, async options => {
  const { isWanted, quick, runs, values, signal, after } = options
  const wanted = allRows.filter(({ name }) => isWanted(name))
  // To see that it works, one of four is enough.
  const rows = quick && wanted.length > 12 ? wanted.filter((_, index) => index % 4 === 1) : wanted
  const needed = (quick ? rows : allRows).flatMap(({ who }) => (who ? programOf(who) : []))
  const versions = await ensurePeers([...new Set(['ip', 'tc', 'nginx', 'curl', ...needed])])
  const scratch = openScratch()
  after(scratch.close)
  const shared = await openSharedLink({ root: scratch.path, after })
  const origins = await startOrigins({ shared, root: scratch.path, after })
  const seconds = quick ? 1 : 5
  const turns = openTurns(values['lock'], signal)
  after(turns.end)
  const measured = await inTurn(rows, runs(3), async row => {
    try {
      const run = await turns.during(() => measure(row, { shared, origins, scratch, seconds, signal }))
      process.stderr.write(`${row.name}: ${run.used.toFixed(3)} of the cap\n`)
      return [run]
    } catch (error) {
      signal.throwIfAborted()
      // The others are worth seeing all the same.
      process.stderr.write(`${(error as Error).message}\n`)
      process.exitCode = 1
      return []
    }
  })
  const runsOf = new Map([...measured].map(([{ name }, runs]) => [name, runs.flat()]))
  report(runsOf, { versions, isFull: !quick })
  const isWhole = (names: readonly string[]) =>
    !quick && names.every(name => (runsOf.get(name) ?? []).length > 0)
  if (isWhole(arrivals)) writePicture('cap', arrivalsPicture(runsOf))
  if (isWhole(neighbourRows.map(({ name }) => name))) writePicture('neighbour', neighbourPicture(runsOf))
})
