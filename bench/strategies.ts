import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePicture } from './chart/write-picture.js'
import { bench } from './core/bench.js'
import { inTurn } from './core/in-turn.js'
import { startNginx } from './core/nginx.js'
import { ensurePeers } from './core/peers.js'
import { contend } from './link/contend.js'
import { openScratch } from './link/scratch.js'
import { openSharedLink } from './link/shared-link.js'
import { openTurns } from './link/turns.js'
import { makeCatalog } from './strategies/catalog.js'
import { measure } from './strategies/measure.js'
import { strategiesPicture } from './strategies/picture.js'
import { report } from './strategies/report.js'
import { firstSync, strategies } from './strategies/strategies.js'

const about =
  'Brute force, a cap, and a cap for what has changed: what each does to a link, and to those who share it.'
const flags = { lock: 'a file whose lock is held while measuring, where others measure too' }

await bench({ command: 'npm run bench:strategies', about, flags }, async options => {
  const { isWanted, quick, runs, values, signal, after } = options
  const versions = await ensurePeers(['ip', 'tc', 'nginx', 'aria2c'])
  const scratch = openScratch()
  after(scratch.close)
  const shared = await openSharedLink({ root: scratch.path, after })
  const { near, far, link } = shared
  const count = quick ? 150 : 1500
  const catalog = makeCatalog(scratch.path, count)
  // One request of 256, at random.
  const server = 'if ($request_id ~ "^00") { return 503; }'
  const origin = await startNginx({ root: scratch.path, server, host: link.farAddress, wrap: far.inside([]) })
  after(origin.close)
  const list = join(scratch.path, 'list')
  writeFileSync(list, catalog.paths.map(path => `${origin.url}${path}\n`).join(''))

  const synced = scratch.empty('synced')
  const { code, stderr } = await contend(firstSync(synced), { network: near, stdin: list, signal })
  if (code !== 0) throw new Error(`the sync of the day before ended with ${code}: ${stderr}`)
  catalog.change()
  link.shape('100mbit')

  const wanted = strategies.filter(({ name }) => isWanted(name))
  const turns = openTurns(values['lock'], signal)
  after(turns.end)
  const measured = await inTurn(wanted, runs(3), strategy =>
    turns.during(() => measure(strategy, { shared, scratch, list, synced, signal })),
  )
  const isWhole = !quick && wanted.length === strategies.length
  const runsOf = new Map([...measured].map(([{ name }, runs]) => [name, runs]))
  report(runsOf, { versions, count, bytes: catalog.bytes, isWhole })
  if (isWhole) writePicture('strategies', strategiesPicture(runsOf))
})
