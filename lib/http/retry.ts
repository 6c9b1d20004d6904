import pRetry, { type RetryContext } from 'p-retry'
import { SyncError } from '../errors.js'
import { wrap } from '../wrap.js'

export type RetryOptions = {
  /** Why the first attempt failed, where it was made already. */
  failure?: unknown
  /** Retries after the first attempt. */
  retries: number
  /** The back-off before retry n lies anywhere between 0 and `baseMs` × 2^n, at most `maxMs`. */
  baseMs: number
  maxMs: number
  /** Waits; rejects when the run ends meanwhile. */
  wait: (ms: number) => Promise<void>
  /** Hears of an attempt that failed, and how long it is until the next. */
  onRetry?: (failure: { error: SyncError; attempt: number; waitMs: number }) => void
  random?: () => number
}

/**
 * Runs `attempt` until it succeeds, fails for good, or retries are spent; exponential back-off with full jitter (Brooker,
 * "Exponential Backoff And Jitter", 2015). What an origin holds back itself by Retry-After is not backed off from again.
 */
export const retry = <T>(
  attempt: () => Promise<T>,
  { retries, baseMs, maxMs, wait, onRetry = () => {}, random = Math.random, ...first }: RetryOptions,
): Promise<T> => {
  const once = new Set<string>()
  const mayRetry = (error: SyncError): boolean => {
    if (error.scope !== 'attempt') return false
    if (!error.once) return true
    const isNew = !once.has(error.code)
    once.add(error.code)
    return isNew
  }
  let isMade = 'failure' in first
  const attemptOrFirst = (): Promise<T> => {
    const made = isMade ? Promise.reject(first.failure) : attempt()
    isMade = false
    return made.catch(error => Promise.reject(wrap(error)))
  }
  return pRetry(attemptOrFirst, {
    retries,
    // The waiting is ours: p-retry's jitter is not full, and it knows no Retry-After.
    minTimeout: 0,
    maxTimeout: 0,
    async shouldRetry({ error, attemptNumber: attempt, retriesConsumed }: RetryContext) {
      if (!(error instanceof SyncError) || !mayRetry(error)) return false
      const waitMs = error.retryAfterMs || random() * Math.min(maxMs, baseMs * 2 ** retriesConsumed)
      onRetry({ error, attempt, waitMs })
      if (!error.retryAfterMs) await wait(waitMs)
      return true
    },
  })
}
