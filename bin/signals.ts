import { exitCodeOf, SyncError } from '../lib/index.js'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type SignalOptions = {
  interruption: AbortController
  /** Says at once what happens now. */
  tell: (message: string) => void
}

/** The first signal ends the run in good order, the second one the process at once, both with a word; gives what stops listening. */
export const onSignals = (
  process: Pick<NodeJS.Process, 'on' | 'off' | 'exit'>,
  { interruption, tell }: SignalOptions,
): (() => void) => {
  let isInterrupted = false
  const interrupt = (signal: NodeJS.Signals): void => {
    if (isInterrupted) {
      tell('stopped at once: the same command goes on where this one stopped')
      process.exit(exitCodeOf(new SyncError('ERR_ABORTED', 'interrupted', { cause: signal })))
    } else {
      isInterrupted = true
      tell('stopping: up to 5 s for what is under way; once more to stop now')
      interruption.abort(signal)
    }
  }
  for (const signal of signals) process.on(signal, interrupt)
  return () => {
    for (const signal of signals) process.off(signal, interrupt)
  }
}
