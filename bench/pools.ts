import { writePicture } from './chart/write-picture.js'
import { bench } from './core/bench.js'
import { ensurePeers } from './core/peers.js'
import { openScratch } from './link/scratch.js'
import { openTurns } from './link/turns.js'
import type { Who } from './pools/actors/contestant.js'
import { openPlace } from './pools/place.js'
import { play } from './pools/play.js'
import { report } from './pools/report.js'
import { tables } from './pools/rows.js'
import type { Observed } from './pools/scenario.js'
import { timeline, timelineName, timelineOf, timelinePicture } from './pools/timeline.js'

const about =
  'How well actors in many processes keep one limit together, and what becomes of it when something breaks.'
const flags = {
  lock: 'a file whose lock is held while measuring, where others measure too',
  calm: 'percent of the machine that others may have; what is measured while they have more is measured again, up to 5 times',
  who: 'only those whose name matches: sluice, bottleneck, turns',
}

await bench({ command: 'npm run bench:pools', about, flags }, async options => {
  const { isWanted, quick, runs, values, signal, after } = options
  const wanted = tables.flatMap(({ rows }) => rows).filter(({ name }) => isWanted(name))
  const isMeasured = (who: Who) => new RegExp(values['who'] ?? '', 'i').test(who)
  const found = await ensurePeers(['redis-server'])
  const scratch = openScratch()
  after(scratch.close)
  const place = await openPlace({ folder: scratch.path, after })
  const turns = openTurns(values['lock'], signal)
  after(turns.end)
  const calm = Number(values['calm'] ?? 100) / 100
  /** The calmest of several, unless one is calm enough. */
  const inCalm = async (measure: () => Promise<Observed>): Promise<Observed> => {
    let best = await measure()
    for (let again = 0; again < 5 && best.others > calm; again++) {
      const observed = await measure()
      if (observed.others < best.others) best = observed
    }
    return best
  }
  const measured = new Map<string, Map<Who, Observed[]>>()
  for (let run = 0; run < runs(1); run++)
    for (const row of quick ? wanted.filter((_, index) => index % 6 === 2) : wanted) {
      const of = measured.get(row.name) ?? new Map<Who, Observed[]>()
      measured.set(row.name, of)
      for (const who of ['sluice', ...(row.others ?? [])] as const) {
        if (!isMeasured(who)) continue
        signal.throwIfAborted()
        const observed = await turns.during(() => inCalm(() => play(who, row.scenario, place)))
        of.set(who, [...(of.get(who) ?? []), observed])
        process.stderr.write(
          `${row.name}: ${who}, ${observed.emissions.length} requests, others ${(100 * observed.others).toFixed(0)} %\n`,
        )
      }
    }
  if (isWanted(timelineName) && !quick) {
    const seen = new Map<Who, Observed>()
    for (const who of timelineOf)
      if (isMeasured(who)) seen.set(who, await turns.during(() => inCalm(() => play(who, timeline, place))))
    if (seen.size === timelineOf.length) writePicture('pools', timelinePicture(seen))
  }
  report(measured, { versions: found, isFull: !quick && values['who'] === undefined })
})
