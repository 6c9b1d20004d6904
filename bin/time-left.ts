import type { Progress } from '../lib/index.js'

export type TimeLeftOptions = {
  /** Milliseconds. */
  now?: () => number
}

type Sample = { at: number; entries: number }

/** Nothing is told from less than this. */
const leastMs = 5_000

/** What was longer ago says nothing of how it goes now. */
const mostMs = 30_000

/** How much faster one half of the time may have been than the other. */
const steady = 1.5

/**
 * Tells how many milliseconds the rest of a run takes, asked again and again while it goes on. Undefined where nobody can
 * know: before all rows are read, while an origin is held, and where entries do not end at a steady rate.
 */
export const timeLeft = ({
  now = () => performance.now(),
}: TimeLeftOptions = {}): ((progress: Progress) => number | undefined) => {
  const samples: Sample[] = []

  return ({ entries, total, waiting }) => {
    const last = { at: now(), entries }
    samples.push(last)
    while (samples[0] && last.at - samples[0].at > mostMs) samples.shift()
    const [first = last] = samples
    const ms = last.at - first.at
    if (total === undefined || waiting.origin > 0 || ms < leastMs) return undefined
    const middle = samples.find(({ at }) => at >= first.at + ms / 2) ?? last
    const [earlier, later] = [rateOf(first, middle), rateOf(middle, last)]
    if (!(Math.max(earlier, later) <= Math.min(earlier, later) * steady) || later === 0) return undefined
    return (total - entries) / rateOf(first, last)
  }
}

/** Entries per millisecond. */
const rateOf = (from: Sample, to: Sample): number => (to.entries - from.entries) / (to.at - from.at)
