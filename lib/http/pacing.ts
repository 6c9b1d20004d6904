import { baseSegmentBytes } from '../rate/base-segment.js'
import type { OriginFacts } from './origins.js'

/** How many bytes are asked for at once under a cap. */
export type Pacing = {
  /** Bytes of one paced range from an origin; Infinity where nothing is paced. */
  segmentBytes(origin: OriginFacts): number
  /** Bytes to be granted before a body that cannot be had in ranges is asked for. */
  wholeBytes(origin: OriginFacts, length: number | undefined): number
  /** One more asset shares the cap, until the function that comes back is called. */
  enter(): () => void
}

export type PacingOptions = {
  /** The cap that holds now, in bytes per second; Infinity without one. */
  rate: () => number
  /** A fixed size of ranges, `auto`, or `off` for whole bodies. */
  segment: number | 'auto' | 'off'
  requestsPerSecond: number
}

/** Ranges start at the base size and grow only as far as round trips, a request limit or an origin that pushes back would otherwise leave the cap unused. */
export const pacing = ({ rate, segment, requestsPerSecond }: PacingOptions): Pacing => {
  let sharing = 0

  const autoSegment = ({ roundTripMs, slowdown }: OriginFacts, cap: number): number => {
    // While one range travels nothing else of its asset does: together the assets in flight must have a round trip's bytes asked for.
    const forRoundTrips = ((cap * roundTripMs) / 1000 / Math.max(1, sharing)) * 1.25
    const forRequestLimit = (cap / requestsPerSecond) * 1.1
    const base = baseSegmentBytes(cap)
    const smooth = Math.min(Math.max(base * slowdown, forRoundTrips), Math.max(base, cap))
    return Math.round(Math.max(smooth, forRequestLimit))
  }

  return {
    segmentBytes(origin) {
      const cap = rate()
      if (cap === Number.POSITIVE_INFINITY || segment === 'off') return Number.POSITIVE_INFINITY
      return segment === 'auto' ? autoSegment(origin, cap) : segment
    },
    wholeBytes({ meanBytes }, length) {
      const cap = rate()
      if (cap === Number.POSITIVE_INFINITY) return 0
      return Math.round(Math.min(length ?? meanBytes ?? baseSegmentBytes(cap), cap))
    },
    enter() {
      sharing++
      return () => {
        sharing--
      }
    },
  }
}
