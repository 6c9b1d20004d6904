/** What a run has learned of one origin. */
export type OriginFacts = {
  readonly origin: string
  /** Whether it answers byte ranges with a validator; undefined until seen. */
  ranges: boolean | undefined
  /** Whether it promised byte ranges in an answer that ignored one. */
  rangesBelied: boolean
  /** Resolves when the first answer under a cap has begun; undefined until somebody asks. */
  scout: Promise<void> | 'back' | undefined
  /** HEAD is refused: conditional GETs take its place. */
  headRefused: boolean
  /** HEAD told nothing of an asset: conditional GETs take its place where there is a condition. */
  headSilent: boolean
  /** Doubled when the origin pushes back (429, 503): segments grow by it, so that fewer requests ask for the same bytes. */
  slowdown: number
  /** When it was last changed. */
  slowdownAt: number
  /** Running mean of the lengths of its assets; undefined until one was seen. */
  meanBytes: number | undefined
  /** Running mean of the TCP payload of a response beyond its body. */
  overheadBytes: number
  /** Shortest time lately from a request to its response headers. */
  roundTripMs: number
  /** The shortest round trip since a window of time began; undefined until one was seen. */
  roundTrips: { readonly since: number; readonly shortestMs: number } | undefined
}

/** What a run has learned of its origins. */
export type Origins = {
  of(origin: string): OriginFacts
}

/** A small running mean follows changes within about ten samples. */
export const runningMean = (mean: number | undefined, sample: number): number =>
  mean === undefined ? sample : mean + (sample - mean) / 10

const mostSlowdown = 64

/** Answers to what was asked before the origin pushed back are part of the same incident. */
const incidentMs = 1_000
const recoveryMs = 30_000

/** Notes that the origin pushed back, once for each incident. */
export const pushBack = (facts: OriginFacts, now: number): void => {
  if (now - facts.slowdownAt < incidentMs) return
  facts.slowdown = Math.min(mostSlowdown, facts.slowdown * 2)
  facts.slowdownAt = now
}

/** Notes that the origin answered: when it has not pushed back for long, ranges become smaller again. */
export const recover = (facts: OriginFacts, now: number): void => {
  if (facts.slowdown === 1 || now - facts.slowdownAt < recoveryMs) return
  facts.slowdown /= 2
  facts.slowdownAt = now
}

const windowMs = 5_000

const none = { since: Number.NEGATIVE_INFINITY, shortestMs: Number.POSITIVE_INFINITY }

/** Notes a round trip. The shortest of the last two windows counts: what queues up behind our own bytes is not distance. */
export const noteRoundTrip = (facts: OriginFacts, ms: number, now: number): void => {
  const { since, shortestMs } = facts.roundTrips ?? none
  const age = now - since
  if (age <= windowMs) {
    if (ms < shortestMs) facts.roundTrips = { since, shortestMs: ms }
    facts.roundTripMs = Math.min(facts.roundTripMs, ms)
  } else {
    facts.roundTrips = { since: now, shortestMs: ms }
    facts.roundTripMs = age <= 2 * windowMs ? Math.min(shortestMs, ms) : ms
  }
}

/** Facts of the origins seen most recently; the others are forgotten, so that a catalog of many origins costs no memory. */
export const originBook = (limit = 1024): Origins => {
  const known = new Map<string, OriginFacts>()
  let latest: OriginFacts | undefined
  return {
    of(origin) {
      // Asked for several times with every request.
      if (latest?.origin === origin) return latest
      const facts = known.get(origin) ?? {
        origin,
        ranges: undefined,
        rangesBelied: false,
        scout: undefined,
        headRefused: false,
        headSilent: false,
        slowdown: 1,
        slowdownAt: Number.NEGATIVE_INFINITY,
        meanBytes: undefined,
        overheadBytes: 400,
        roundTripMs: 0,
        roundTrips: undefined,
      }
      known.delete(origin)
      known.set(origin, facts)
      if (known.size > limit) known.delete(known.keys().next().value as string)
      latest = facts
      return facts
    },
  }
}
