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

/** Begins to watch an exchange that is being sent. */
export const watchdog = (options: WatchdogOptions): Watchdog => new Watch(options)

/** A class, as there is one for every exchange: functions of its own for each would be most of what an exchange takes of the heap. */
class Watch implements Watchdog {
  readonly #options: WatchdogOptions
  readonly #windowMs: number
  readonly #started: number
  #pausedAt: number | undefined
  #pausedMs = 0
  #isBody = false
  #quietSince = 0
  #windowStart = 0
  #cancel: () => void

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#windowMs = Number.isFinite(options.stallMs) ? options.stallMs : defaultWindowMs
    this.#started = options.clock.now()
    this.#cancel = this.#arm()
  }

  head(): void {
    const { window, timeoutMs } = this.#options
    this.#isBody = true
    this.#quietSince = this.#active()
    this.#windowStart = this.#quietSince - window.ms
    // What is armed for the head finds out when it is due, unless the body is due sooner.
    if (Math.min(this.#silentAt(), this.#judgedAt()) < timeoutMs) this.#rearm()
  }

  data(bytes: number): void {
    // Whatever is armed finds out when it is due: a timer for each chunk would cost more than the chunk.
    this.#quietSince = this.#active()
    this.#options.window.bytes += bytes
  }

  pause(): void {
    if (this.#pausedAt !== undefined) return
    this.#cancel()
    this.#pausedAt = this.#options.clock.now()
  }

  resume(): void {
    if (this.#pausedAt === undefined) return
    this.#pausedMs += this.#options.clock.now() - this.#pausedAt
    this.#pausedAt = undefined
    this.#quietSince = this.#active()
    this.#rearm()
  }

  stop(): number {
    this.#cancel()
    if (this.#isBody) this.#options.window.ms = this.#active() - this.#windowStart
    return this.#active()
  }

  #active(): number {
    return (this.#pausedAt ?? this.#options.clock.now()) - this.#started - this.#pausedMs
  }

  /** When the silence has lasted too long. */
  #silentAt(): number {
    const { stallMs, timeoutMs } = this.#options
    return this.#isBody ? this.#quietSince + stallMs : timeoutMs
  }

  /** When the next stretch of the body is judged by its rate. */
  #judgedAt(): number {
    const isJudged = this.#isBody && this.#options.minRate > 0
    return isJudged ? this.#windowStart + this.#windowMs : Number.POSITIVE_INFINITY
  }

  /** What has run out by `now`. */
  #lapse(now: number): SyncError | undefined {
    const { remainingMs, stallMs, timeoutMs, minRate, window } = this.#options
    if (now >= remainingMs) return tooLong()
    if (now >= this.#silentAt()) return this.#isBody ? stalled(stallMs) : timedOut(timeoutMs)
    if (now < this.#judgedAt()) return undefined
    const least = (minRate * (now - this.#windowStart)) / 1000
    const isTooSlow = window.bytes < least
    this.#windowStart = now
    window.bytes = 0
    return isTooSlow ? tooSlow(minRate, this.#windowMs) : undefined
  }

  #rearm(): void {
    this.#cancel()
    this.#cancel = this.#arm()
  }

  #arm(): () => void {
    const { clock, remainingMs } = this.#options
    const armedAt = clock.now()
    const ms = Math.max(0, Math.min(remainingMs, this.#silentAt(), this.#judgedAt()) - this.#active())
    return clock.after(ms, () => this.#onDue(armedAt, ms))
  }

  #onDue(armedAt: number, ms: number): void {
    const passed = this.#options.clock.now() - armedAt
    if (passed > ms + stoodStillMs) this.#pausedMs += passed
    const error = this.#lapse(this.#active())
    if (error) this.#options.expire(error)
    else this.#cancel = this.#arm()
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
