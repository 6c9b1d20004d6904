import type { Code, SyncError } from './errors.js'

/** Exit statuses of run errors, the most telling first: of several errors the first one here decides. */
const statuses: readonly [Code, number][] = [
  ['ERR_ABORTED', 130],
  ['ERR_INTERNAL', 70],
  ['ERR_OPTION', 2],
  ['ERR_POOL', 2],
  ['ERR_DESTINATION', 4],
  ['ERR_MANIFEST', 3],
  ['ERR_TOO_MANY_FAILURES', 5],
  ['ERR_QUOTA', 6],
]

/** What interrupts a run, as the reason of its signal, and the exit status that the shell expects of it. */
const interruptions: Record<string, number> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, EPIPE: 141 }

/** The exit status that an error of the run stands for. */
export const exitCodeOf = ({ code, cause }: SyncError): number =>
  (code === 'ERR_ABORTED' && typeof cause === 'string' ? interruptions[cause] : undefined) ??
  statuses.find(([known]) => known === code)?.[1] ??
  70

/** Of several errors of one run the one that decides how it ends. */
export const primaryOf = (errors: readonly SyncError[]): SyncError | undefined =>
  [...errors].sort((a, b) => rank(a) - rank(b))[0]

const rank = ({ code }: SyncError): number => statuses.findIndex(([known]) => known === code)
