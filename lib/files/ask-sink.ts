import { inspect } from 'node:util'
import { SyncError } from '../errors.js'
import type { StoredFile } from '../sink.js'
import { wrap } from '../wrap.js'
import { unlessAborted } from './unless-aborted.js'

/** What a sink of somebody else's answers to `call`, unless the run is over or ends first, whether the sink minds its signal or not. */
export const askSink = async <T>(signal: AbortSignal, call: () => T | Promise<T>): Promise<T> => {
  try {
    signal.throwIfAborted()
    return await unlessAborted(signal, call())
  } catch (error) {
    throw signal.aborted ? wrap(signal.reason) : sinkError(error)
  }
}

/** What a sink says stands somewhere, if it can be that. */
export const checkStored = (step: 'stat' | 'commit', told: unknown): StoredFile => {
  const { bytes, mtimeMs } = Object(told) as Partial<StoredFile>
  if (!Number.isSafeInteger(bytes) || (mtimeMs !== undefined && !Number.isFinite(mtimeMs)))
    throw new Error(`expected ${step} to give bytes and, if kept, mtimeMs as numbers, got ${inspect(told)}`)
  return { bytes: bytes as number, ...(mtimeMs !== undefined && { mtimeMs }) }
}

/** Unless the sink says otherwise itself, no other asset would fare better there. */
const sinkError = (error: unknown): SyncError =>
  error instanceof SyncError
    ? error
    : new SyncError('ERR_DESTINATION', `the sink failed: ${wrap(error).message}`, { cause: error })
