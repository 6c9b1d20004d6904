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
const interruptions = new Map<unknown, number>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['EPIPE', 141],
])

/** The exit status that an error of the run stands for. */
export const exitCodeOf = ({ code, cause }: SyncError): number =>
  (code === 'ERR_ABORTED' ? interruptions.get(cause) : undefined) ??
  statuses.find(([known]) => known === code)?.[1] ??
  70

/** Of two errors of one run the one that decides how it ends; between equals the first. */
export const primaryOf = (first: SyncError, second: SyncError): SyncError =>
  rank(second) < rank(first) ? second : first

const rank = ({ code }: SyncError): number => {
  const known = statuses.findIndex(([status]) => status === code)
  // Whatever else ends a run is no less of a bug than one that is known to be one.
  return known < 0 ? statuses.findIndex(([status]) => status === 'ERR_INTERNAL') : known
}
