/** What a run has learned of one origin. */
export type OriginFacts = {
  /** Whether it answers byte ranges with a validator; undefined until seen. */
  ranges: boolean | undefined
  /** HEAD is refused or tells nothing: conditional GETs take its place. */
  headRefused: boolean
  /** Doubled by every 429 and 503: segments grow by it, so that fewer requests ask for the same bytes. */
  slowdown: number
  /** Running mean of the lengths of its assets; undefined until one was seen. */
  meanBytes: number | undefined
  /** Running mean of the TCP payload of a response beyond its body. */
  overheadBytes: number
  /** Shortest time lately from a request to its response headers. */
  roundTripMs: number
}

export type Origins = {
  of(origin: string): OriginFacts
}

/** A small running mean follows changes within about ten samples. */
export const runningMean = (mean: number | undefined, sample: number): number =>
  mean === undefined ? sample : mean + (sample - mean) / 10

const windowMs = 5_000
const shortestSeen = new WeakMap<OriginFacts, { current: number; since: number }>()

/** Notes a round trip. The shortest of the last two windows counts: what queues up behind our own bytes is not distance. */
export const noteRoundTrip = (facts: OriginFacts, ms: number, now: number): void => {
  const seen = shortestSeen.get(facts)
  if (!seen) {
    shortestSeen.set(facts, { current: ms, since: now })
    facts.roundTripMs = ms
  } else if (now - seen.since > windowMs) {
    facts.roundTripMs = Math.min(seen.current, ms)
    shortestSeen.set(facts, { current: ms, since: now })
  } else {
    seen.current = Math.min(seen.current, ms)
    facts.roundTripMs = Math.min(facts.roundTripMs, ms)
  }
}

/** Facts of the origins seen most recently; the others are forgotten, so that a catalog of many origins costs no memory. */
export const originBook = (limit = 1024): Origins => {
  const known = new Map<string, OriginFacts>()
  return {
    of(origin) {
      const facts = known.get(origin) ?? {
        ranges: undefined,
        headRefused: false,
        slowdown: 1,
        meanBytes: undefined,
        overheadBytes: 400,
        roundTripMs: 0,
      }
      known.delete(origin)
      known.set(origin, facts)
      if (known.size > limit) known.delete(known.keys().next().value as string)
      return facts
    },
  }
}
