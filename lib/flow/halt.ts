import { setMaxListeners } from 'node:events'
import { demandAmount } from '../demand-amount.js'
import { SyncError } from '../errors.js'
import { primaryOf } from '../exit-code.js'

/** How a run ends early: nothing new begins, what waits ends at once, and what is under way gets a moment to finish. */
export type Halt = {
  /** Ends the run with `error`. */
  stop(error: SyncError): void
  /** Ends the run without the moment's grace. */
  stopNow(error: SyncError): void
  /** Notes what went wrong with the run while everything that was read before it goes on. */
  note(error: SyncError): void
  /** Of what ended the run, the error that decides about its exit status. */
  readonly error: SyncError | undefined
  /** Aborted at once: reading, starting and waiting end. */
  readonly halted: AbortSignal
  /** Aborted a grace later: what is still under way ends. */
  readonly aborted: AbortSignal
  /** Ends whatever still waits or is under way, which is no error of the run: nobody needs it any more. */
  finish(): void
  /** Forgets the caller's signal and the grace; nothing can end the run any more. */
  close(): void
}

/** Who can end a run, and how long its end may take. */
export type HaltOptions = {
  /** Milliseconds that what is under way has to finish. */
  graceMs: number
  /** The caller's own wish to end the run, for any reason; a SyncError as the reason becomes the error of the run. */
  signal?: AbortSignal | undefined
}

/** A timer of Node takes a longer time for none. */
const longestMs = 2 ** 31 - 1

/** A run that nothing has ended yet. Throws ERR_OPTION for a grace that is no time. */
export const halting = ({ graceMs, signal }: HaltOptions): Halt => {
  demandAmount('graceMs', graceMs, 0)
  const halted = new AbortController()
  const aborted = new AbortController()
  // Every wait of a run listens to the same two signals.
  setMaxListeners(0, halted.signal, aborted.signal)
  let primary: SyncError | undefined
  let grace: NodeJS.Timeout | undefined
  let isClosed = false

  const note = (error: SyncError): void => {
    primary = primary ? primaryOf(primary, error) : error
  }

  const stop = (error: SyncError): void => {
    if (isClosed) return
    note(error)
    if (halted.signal.aborted) return
    if (graceMs < Number.POSITIVE_INFINITY)
      grace = setTimeout(() => aborted.abort(ended()), Math.min(graceMs, longestMs))
    halted.abort(ended())
  }
  // So may very many runs to one signal of their caller.
  if (signal) setMaxListeners(0, signal)
  const onSignal = () => stop(toError(signal?.reason))
  if (signal?.aborted) onSignal()
  else signal?.addEventListener('abort', onSignal, { once: true })

  return {
    stop,
    stopNow(error) {
      stop(error)
      if (!isClosed) aborted.abort(ended())
    },
    note,
    get error() {
      return primary
    },
    halted: halted.signal,
    aborted: aborted.signal,
    finish() {
      halted.abort(ended())
      aborted.abort(ended())
    },
    close() {
      isClosed = true
      clearTimeout(grace)
      signal?.removeEventListener('abort', onSignal)
    },
  }
}

const toError = (reason: unknown): SyncError =>
  reason instanceof SyncError
    ? reason
    : new SyncError('ERR_ABORTED', 'the run was interrupted', { scope: 'run', cause: reason })

/** What becomes of an entry that the end of the run overtook. */
export const ended = (): SyncError => new SyncError('ERR_ABORTED', 'the run ended first')
