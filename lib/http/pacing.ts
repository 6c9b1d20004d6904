import { baseSegmentBytes } from '../rate/base-segment.js'
import type { OriginFacts } from './origins.js'

/** How many bytes are asked for at once under a cap. */
export type Pacing = {
  /** Bytes of one paced range from an origin; Infinity where nothing is paced. */
  segmentBytes(facts: OriginFacts): number
  /** The longest range that is granted as a whole before it is asked for; what is longer is paced by reading it. */
  atOnceBytes(facts: OriginFacts): number
  /** Bytes to be granted before a body that cannot be had in ranges is asked for. */
  wholeBytes(facts: OriginFacts, length: number | undefined): number
  /** Bytes to be read at a time of a body that reading paces. */
  readBytes(origin: string): number
  /** Whether an asset of an origin has the cap for itself, and has to fill it alone. */
  isAlone(origin: string): boolean
  /** One more asset of an origin shares the cap, until the function that comes back is called. */
  enter(origin: string): () => void
}

export type PacingOptions = {
  /** The cap that holds now, of all or of one origin, in bytes per second; Infinity without one. */
  rate: (origin?: string) => number
  /** A fixed size of ranges from an origin, `auto`, or `off` for whole bodies. */
  segment: (origin: string) => number | 'auto' | 'off'
  requestsPerSecond: (origin: string) => number
}

/** About what a kernel takes of a body while nobody reads it; the rest of a body can be paced by reading it. */
const unreadBytes = 128 * 1024

/**
 * Linux lets as much arrive unread as it has seen a program read at once, several times over: with the 64 KiB of Node more than a
 * megabyte of each body, with little reads what a connection begins with. Under fast caps these would cost too much.
 */
const [leastRead, mostRead] = [4 * 1024, 32 * 1024]

/** Ranges start at the base size and grow only as far as round trips, a request limit or an origin that pushes back would otherwise leave the cap unused. */
export const pacing = ({ rate, segment, requestsPerSecond }: PacingOptions): Pacing => {
  let sharing = 0
  const sharingOf = new Map<string, number>()

  /** An origin with a lower cap of its own shares it with nobody. */
  const sharers = (origin: string, cap: number): number =>
    cap < rate() ? (sharingOf.get(origin) ?? 0) : sharing

  const autoSegment = ({ origin, roundTripMs, slowdown }: OriginFacts, cap: number): number => {
    // While one range travels nothing else of its asset does: together the assets in flight must have a round trip's bytes asked for.
    // As much again, for what a range takes besides: its bytes, the disk, the first range of each asset and the last ones of all.
    const forRoundTrips = ((cap * roundTripMs) / 1000 / Math.max(1, sharers(origin, cap))) * 2
    const forRequestLimit = (cap / requestsPerSecond(origin)) * 1.1
    const base = baseSegmentBytes(cap)
    const smooth = Math.min(Math.max(base * slowdown, forRoundTrips), Math.max(base, cap))
    return Math.round(Math.max(smooth, forRequestLimit))
  }

  const change = (origin: string, by: 1 | -1): void => {
    sharing += by
    const left = (sharingOf.get(origin) ?? 0) + by
    if (left > 0) sharingOf.set(origin, left)
    else sharingOf.delete(origin)
  }

  return {
    segmentBytes(facts) {
      const cap = rate(facts.origin)
      const size = segment(facts.origin)
      if (cap === Number.POSITIVE_INFINITY || size === 'off') return Number.POSITIVE_INFINITY
      return size === 'auto' ? autoSegment(facts, cap) : size
    },
    atOnceBytes({ origin }) {
      const cap = rate(origin)
      return Math.max(cap, baseSegmentBytes(cap))
    },
    wholeBytes({ origin, meanBytes }, length) {
      const cap = rate(origin)
      if (cap === Number.POSITIVE_INFINITY) return 0
      return Math.round(Math.min(length ?? meanBytes ?? baseSegmentBytes(cap), cap, unreadBytes))
    },
    readBytes: origin => Math.round(Math.min(Math.max(rate(origin) * 0.00125, leastRead), mostRead)),
    isAlone: origin => sharers(origin, rate(origin)) === 1,
    enter(origin) {
      let isIn = true
      change(origin, 1)
      return () => {
        if (isIn) change(origin, -1)
        isIn = false
      }
    },
  }
}
