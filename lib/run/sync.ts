import type { ExtraOf, Wish } from '../echo.js'
import type { StoredAsset } from '../entry.js'
import { type OpenStages, type Run, type RunOptions, type Source, startRun } from './start-run.js'

/**
 * Syncs the assets that `source` names to `options.out` and yields one outcome for every row, in order of completion.
 * Throws ERR_OPTION at once for options that are wrong; errors of the run (ERR_MANIFEST, ERR_DESTINATION, …) are thrown at the
 * end of the iteration, after the outcome of every row that was read. Leaving the loop early ends the run.
 */
export const sync = <Row>(source: Source<Row> & Wish<Row>, options: RunOptions): Run<ExtraOf<Row>> =>
  startRun(source, options, { open })

const open: OpenStages = async (resolved, context) => {
  // Not at the top: the HTTP client and the index take longer to load than help or a refused option takes in all.
  const [{ equipSync }, { syncPipeline }] = await Promise.all([
    import('./equipment.js'),
    import('./pipeline.js'),
  ])
  const equipment = await equipSync(resolved, context)
  // Outcomes wait for what is remembered of them, together and without the slot that an asset would hold meanwhile.
  const remember = (path: string, asset: StoredAsset): undefined => void equipment.remember(path, asset)
  return { stages: syncPipeline({ ...equipment, ...context, remember }), close: equipment.close }
}
