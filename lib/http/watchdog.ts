import { SyncError } from '../errors.js'
import type { Clock } from '../rate/clock.js'
import { formatDuration, formatRate } from '../units.js'
import type { RateWindow } from '../work.js'

export type WatchdogOptions = {
  clock: Clock
  /** For connecting, sending and the response headers together. */
  timeoutMs: number
  /** Longest silence within a body. */
  stallMs: number
  /** Bytes per second that a body has to keep over each `stallMs`, or 30 s where that is off; 0 for none. */
  minRate: number
  /** What is judged by that rate; an exchange goes on from where the one before it left off. */
  window: RateWindow
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

const defaultWindowMs = 30_000

/** A timer this much too late means that the process stood still: what has arrived meanwhile is yet to be read. */
const stoodStillMs = 1000

export const watchdog = ({
  clock,
  timeoutMs,
  stallMs,
  minRate,
  window,
  remainingMs,
  expire,
}: WatchdogOptions): Watchdog => {
  const started = clock.now()
  let pausedAt: number | undefined
  let pausedMs = 0
  let isBody = false
  let quietSince = 0
  let windowStart = 0
  let cancel = () => {}

  const windowMs = Number.isFinite(stallMs) ? stallMs : defaultWindowMs

  const active = (): number => (pausedAt ?? clock.now()) - started - pausedMs

  /** When the silence has lasted too long. */
  const silentAt = (): number => (isBody ? quietSince + stallMs : timeoutMs)

  /** When the next stretch of the body is judged by its rate. */
  const judgedAt = (): number => (isBody && minRate > 0 ? windowStart + windowMs : Number.POSITIVE_INFINITY)

  /** What has run out by `now`. */
  const lapse = (now: number): SyncError | undefined => {
    if (now >= remainingMs) return tooLong()
    if (now >= silentAt()) return isBody ? stalled(stallMs) : timedOut(timeoutMs)
    if (now < judgedAt()) return undefined
    const least = (minRate * (now - windowStart)) / 1000
    const isTooSlow = window.bytes < least
    windowStart = now
    window.bytes = 0
    return isTooSlow ? tooSlow(minRate, windowMs) : undefined
  }

  const arm = (): void => {
    cancel()
    const armedAt = clock.now()
    const ms = Math.max(0, Math.min(remainingMs, silentAt(), judgedAt()) - active())
    cancel = clock.after(ms, () => {
      const passed = clock.now() - armedAt
      if (passed > ms + stoodStillMs) pausedMs += passed
      const error = lapse(active())
      if (error) expire(error)
      else arm()
    })
  }

  arm()

  return {
    head() {
      isBody = true
      quietSince = active()
      windowStart = quietSince - window.ms
      // What is armed for the head finds out when it is due, unless the body is due sooner.
      if (Math.min(silentAt(), judgedAt()) < timeoutMs) arm()
    },
    data(bytes) {
      // Whatever is armed finds out when it is due: a timer for each chunk would cost more than the chunk.
      quietSince = active()
      window.bytes += bytes
    },
    pause() {
      if (pausedAt !== undefined) return
      cancel()
      pausedAt = clock.now()
    },
    resume() {
      if (pausedAt === undefined) return
      pausedMs += clock.now() - pausedAt
      pausedAt = undefined
      quietSince = active()
      arm()
    },
    stop() {
      cancel()
      if (isBody) window.ms = active() - windowStart
      return active()
    },
  }
}

/** What an asset fails with that took longer than it may. */
export const tooLong = (): SyncError =>
  new SyncError('ERR_TOO_SLOW', 'the asset took longer than --max-time', { scope: 'entry' })

const timedOut = (timeoutMs: number): SyncError =>
  new SyncError('ERR_TIMEOUT', `no response headers within ${formatDuration(timeoutMs)}`)

const stalled = (stallMs: number): SyncError =>
  new SyncError('ERR_STALLED', `no body byte for ${formatDuration(stallMs)}`)

const tooSlow = (minRate: number, windowMs: number): SyncError =>
  new SyncError('ERR_TOO_SLOW', `slower than ${formatRate(minRate)} over ${formatDuration(windowMs)}`)
