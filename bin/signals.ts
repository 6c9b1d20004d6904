import { exitCodeOf, SyncError } from '../lib/index.js'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal ends the run in good order, the second one the process at once; gives what stops listening. */
export const onSignals = (
  process: Pick<NodeJS.Process, 'on' | 'off' | 'exit'>,
  interruption: AbortController,
): (() => void) => {
  let isInterrupted = false
  const interrupt = (signal: NodeJS.Signals): void => {
    if (isInterrupted)
      process.exit(exitCodeOf(new SyncError('ERR_ABORTED', 'interrupted', { cause: signal })))
    isInterrupted = true
    interruption.abort(signal)
  }
  for (const signal of signals) process.on(signal, interrupt)
  return () => {
    for (const signal of signals) process.off(signal, interrupt)
  }
}
