import { SyncError } from '../errors.js'
import { type Clock, systemClock } from '../rate/clock.js'
import type { RatePool } from '../rate/pool.js'
import { formatDuration } from '../units.js'
import type { Head } from './head.js'
import { type Origins, pushBack } from './origins.js'
import { retryAfterMs } from './retry-after.js'

export type StatusErrorOptions = {
  origins: Origins
  pool: Pick<RatePool, 'hold' | 'pushBack'>
  /** Longest Retry-After that is waited for. */
  retryAfterMaxMs: number
  /** Milliseconds since the epoch. */
  now?: () => number
  clock?: Pick<Clock, 'now'>
}

/**
 * The error that an unwanted status is. An origin that pushes back is asked for fewer, larger ranges; one that says when
 * to come back (Retry-After) is held until then for everybody, unless that is later than anybody will wait.
 */
export const statusError =
  ({ origins, pool, retryAfterMaxMs, now = Date.now, clock = systemClock }: StatusErrorOptions) =>
  ({ status, headers }: Head, origin: string): SyncError => {
    const at = now()
    const asked = retryAfterMs(headers['retry-after'], at)
    if (status === 429 || status === 503) {
      pushBack(origins.of(origin), clock.now())
      // What is longer than anybody waits holds nobody: still less is asked for.
      if (asked === undefined || asked > retryAfterMaxMs) pool.pushBack?.(origin)
    }
    const message = `the origin answered ${status}`
    if (!isTransient(status) && !(status === 413 && asked !== undefined))
      return new SyncError('ERR_HTTP_STATUS', message, { statusCode: status })
    if (asked === undefined)
      return new SyncError('ERR_HTTP_STATUS', message, { statusCode: status, scope: 'attempt' })
    const retryAt = new Date(Math.min(at + asked, latestDate)).toISOString()
    if (asked > retryAfterMaxMs) {
      const tooLong = `${message} and asks to wait until ${retryAt}, longer than ${formatDuration(retryAfterMaxMs)}`
      return new SyncError('ERR_RETRY_AFTER', tooLong, { statusCode: status, retryAt })
    }
    pool.hold(origin, asked)
    return new SyncError('ERR_HTTP_STATUS', message, {
      statusCode: status,
      scope: 'attempt',
      retryAfterMs: asked,
      retryAt,
    })
  }

/** Statuses after which the same request may succeed. */
const isTransient = (status: number): boolean =>
  [408, 425, 429].includes(status) || (status >= 500 && status <= 599 && status !== 501 && status !== 505)

/** The last moment that RFC 3339 can say, which has four digits for a year. */
const latestDate = Date.UTC(10_000, 0) - 1
