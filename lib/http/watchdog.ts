import { SyncError } from '../errors.js'
import { formatDuration, formatRate } from '../units.js'

export type WatchdogOptions = {
  /** For connecting, sending and the response headers together. */
  timeoutMs: number
  /** Longest silence within a body. */
  stallMs: number
  /** Bytes per second that a body has to keep over each `stallMs`; 0 for none. */
  minRate: number
  /** What is left of the asset's time in all. */
  remainingMs: number
  /** Called once, with what ran out. */
  expire: (error: SyncError) => void
}

/** Watches one exchange. Time in which the exchange itself is paused, waiting for the cap or the disk, counts for nothing. */
export type Watchdog = {
  /** The response headers are there: from now on the body is watched. */
  head(): void
  data(bytes: number): void
  pause(): void
  resume(): void
  /** Ends the watch; milliseconds that counted. */
  stop(): number
}

export const watchdog = ({ timeoutMs, stallMs, minRate, remainingMs, expire }: WatchdogOptions): Watchdog => {
  const started = performance.now()
  let pausedAt: number | undefined
  let pausedMs = 0
  let headAt: number | undefined
  let quietSince = 0
  let windowStart = 0
  let windowBytes = 0
  let timer: NodeJS.Timeout

  const active = (): number => (pausedAt ?? performance.now()) - started - pausedMs

  /** What is due next, and the error that it then is. */
  const nextDeadline = (): [number, () => SyncError] => {
    const inAll: [number, () => SyncError] = [
      remainingMs,
      () => new SyncError('ERR_TOO_SLOW', 'the asset took longer than --max-time', { scope: 'entry' }),
    ]
    const next: [number, () => SyncError] =
      headAt === undefined
        ? [
            timeoutMs,
            () => new SyncError('ERR_TIMEOUT', `no response headers within ${formatDuration(timeoutMs)}`),
          ]
        : [
            quietSince + stallMs,
            () => new SyncError('ERR_STALLED', `no body byte for ${formatDuration(stallMs)}`),
          ]
    return inAll[0] < next[0] ? inAll : next
  }

  const check = (): void => {
    if (pausedAt !== undefined) return arm(stallMs)
    const [due, toError] = nextDeadline()
    const now = active()
    if (now >= due) return expire(toError())
    if (minRate > 0 && headAt !== undefined && now - windowStart >= stallMs) {
      if (windowBytes < (minRate * (now - windowStart)) / 1000)
        return expire(
          new SyncError('ERR_TOO_SLOW', `slower than ${formatRate(minRate)} over ${formatDuration(stallMs)}`),
        )
      windowStart = now
      windowBytes = 0
    }
    arm(Math.min(due - now, headAt === undefined || minRate === 0 ? due - now : windowStart + stallMs - now))
  }

  const arm = (ms: number): void => {
    // Rounded up: a timer that fires a fraction early would only be armed again.
    timer = setTimeout(check, Math.min(2 ** 31 - 1, Math.ceil(ms) + 1))
  }

  arm(Math.min(timeoutMs, remainingMs))

  return {
    head() {
      headAt = active()
      quietSince = headAt
      windowStart = headAt
      clearTimeout(timer)
      arm(Math.min(stallMs, remainingMs - headAt))
    },
    data(bytes) {
      quietSince = active()
      windowBytes += bytes
    },
    pause() {
      pausedAt ??= performance.now()
    },
    resume() {
      if (pausedAt === undefined) return
      pausedMs += performance.now() - pausedAt
      pausedAt = undefined
      quietSince = active()
    },
    stop() {
      clearTimeout(timer)
      return active()
    },
  }
}
