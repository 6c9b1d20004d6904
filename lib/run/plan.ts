import type { ExtraOf, Wish } from '../echo.js'
import { newPlanTally } from '../flow/tally.js'
import { type OpenStages, type Run, type RunOptions, type Source, startRun } from './start-run.js'

/**
 * Says what `sync` would do with the same arguments: entries that it would fetch come out as `planned`. Nothing is created
 * or changed in `options.out`, and origins are asked only what decides whether a stored file is unchanged. Errors are those of `sync`.
 */
export const plan = <Row>(source: Source<Row> & Wish<Row>, options: RunOptions): Run<ExtraOf<Row>> =>
  startRun(source, options, { open, tally: newPlanTally() })

const open: OpenStages = async (resolved, context) => {
  const [{ equipPlan }, { planPipeline }] = await Promise.all([
    import('./equipment.js'),
    import('./pipeline.js'),
  ])
  const equipment = await equipPlan(resolved, context)
  return { stages: planPipeline({ ...equipment, ...context }), close: equipment.close }
}
