import type { Clock } from '../rate/clock.js'

/** The first push-back of a series holds things up for a second at most, each one after it for twice as long. */
const [firstMs, mostMs] = [1_000, 64_000]

/** Answers to what was asked before are part of the same incident. */
const incidentMs = 1_000

/** So long after a pause the next push-back begins a series of its own. */
const calmMs = 10_000

/**
 * How long to ask nothing after an origin has pushed back without saying so: exponential back-off with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/); 0 for one that tells nothing new.
 */
export const pushBacks = ({ clock, random }: { clock: Clock; random: () => number }): (() => number) => {
  let series = 0
  let incidentUntil = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock.now()
    if (now < incidentUntil) return 0
    if (now > incidentUntil + calmMs) series = 0
    const ms = Math.min(mostMs, firstMs * 2 ** series) * random()
    series++
    incidentUntil = now + Math.max(ms, incidentMs)
    return ms
  }
}
