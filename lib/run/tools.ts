import { setImmediate } from 'node:timers/promises'
import { SyncError } from '../errors.js'
import { unlessAborted } from '../files/unless-aborted.js'
import { openContext, type RunOptions, readRunOptions } from './context.js'
import { equipSync } from './equipment.js'
import type { SyncTools } from './pipeline.js'

/** What the stages of a sync need, for a chain of one's own. */
export type Tools = SyncTools & {
  /**
   * Ends what is under way, then closes every connection and gives the directory free; once, however often it is called. Assets
   * that are being fetched have 5 s to finish, as at the end of a run; what is left of them then, and every entry that comes
   * later, fails; what went wrong with all of it, such as a full disk, is `halt.error`. Once it resolves nothing is read or written there any more, even if the chain still runs.
   */
  close(): Promise<void>
}

/** The options of a sync, but those that only a run can keep. */
export type ToolsOptions = Omit<RunOptions, (typeof ofRuns)[number]>

const ofRuns = ['format', 'select', 'maxFailures'] as const satisfies readonly (keyof RunOptions)[]

/**
 * Opens what the stages of a sync need, by the options of a sync: `fetch(tools)`, `name(tools)` and so on work in any
 * chain then, until `close`. `options.signal` ends what is under way as it does in a sync. Throws ERR_OPTION for options that are
 * wrong and ERR_DESTINATION where `options.out` cannot be used or another run has it.
 */
export const openTools = async (options: ToolsOptions): Promise<Tools> => {
  const { resolved, given } = readRunOptions(options)
  refuseThoseOfRuns(options)
  const context = await openContext(resolved, given)
  try {
    const {
      underWay,
      idle,
      close: closeEquipment,
      remembered: _,
      ...equipment
    } = await equipSync(resolved, context)
    const { halt } = context
    const close = async (): Promise<void> => {
      if (underWay() > 0) {
        halt.stop(new SyncError('ERR_ABORTED', 'the tools were closed', { scope: 'run' }))
        await unlessAborted(halt.aborted, idle()).catch(() => {})
      }
      // Whoever has committed remembers it in this turn.
      await setImmediate()
      // What is no asset under way: HEADs, and whoever waits.
      halt.finish()
      await closeEquipment().finally(context.close)
    }
    let closing: Promise<void> | undefined
    return {
      ...equipment,
      halt,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await context.close()
    throw error
  }
}

const refuseThoseOfRuns = (options: RunOptions): void => {
  const name = ofRuns.find(name => (options[name] ?? undefined) !== undefined)
  if (name !== undefined)
    throw new SyncError('ERR_OPTION', `${name}: expected no option that only a run can keep`)
}
