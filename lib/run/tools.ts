import { openContext, type RunOptions, readRunOptions } from './context.js'
import { equipSync } from './equipment.js'
import type { SyncTools } from './pipeline.js'

/** What the stages of a sync need, for a chain of one's own. */
export type Tools = SyncTools & {
  /** Gives the directory free and closes every connection; once, however often it is called. Does not wait for the chain. */
  close(): Promise<void>
}

/**
 * Opens what the stages of a sync need, by the options of a sync: `fetch(tools)`, `name(tools)` and so on work in any
 * chain then, until `close`. `options.signal` ends what is under way as it does in a sync. Throws ERR_OPTION for options that are
 * wrong and ERR_DESTINATION where `options.out` cannot be used or another run has it.
 */
export const openTools = async (options: RunOptions): Promise<Tools> => {
  const { resolved, given } = readRunOptions(options)
  const context = openContext(resolved, given)
  try {
    const equipment = await equipSync(resolved, context)
    return {
      ...equipment,
      halt: context.halt,
      close: () => equipment.close().finally(context.close),
    }
  } catch (error) {
    context.close()
    throw error
  }
}
