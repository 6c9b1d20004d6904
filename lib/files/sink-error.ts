import { SyncError } from '../errors.js'
import { wrap } from '../wrap.js'

/** What a sink of somebody else's threw, as one of ours: unless it says otherwise itself, no other asset would fare better there. */
export const sinkError = (error: unknown): SyncError => {
  const wrapped = wrap(error)
  return error === wrapped || wrapped.code === 'ERR_ABORTED'
    ? wrapped
    : new SyncError('ERR_DESTINATION', `the sink failed: ${wrapped.message}`, { cause: error })
}
