import { inOrder, percentile } from '../core/statistics.js'
import { countsOf, jain, longestGap, mostIn, rateOf, tooMany, within } from './emissions.js'
import type { Figure } from './rows.js'
import type { Observed } from './scenario.js'

/** The look-ahead of an actor whose keeper is near: what bounds everything that can go wrong. */
export const lookAheadMs = 25
/** How late a slot may be used. */
export const latestMs = 5

/** No window of these (seconds) may have more than its limit. */
const windows = [1, 2, 5]

export const over: Figure = {
  name: 'too many in any 1, 2 or 5 s',
  of: ({ emissions, scenario: { rate } }) => tooMany(emissions, rate, windows),
  atMost: 0,
}

export const mostInSecond: Figure = {
  name: 'most in any 1 s',
  of: ({ emissions }) => mostIn(emissions, 1000),
}

/** Once all have begun: for the first second up to eight processes that are new share the processors of one machine. */
const steady = ({ emissions, scenario: { seconds } }: Observed) => within(emissions, 1000, 1000 * seconds)

/** What is left of a rate when its slots are 6 ms in a second further apart, and one in a hundred is late. */
const leastUsed = (0.99 * 100) / 1.006

export const used: Figure = {
  name: 'of the limit used',
  of: observed => (100 * rateOf(steady(observed))) / observed.scenario.rate,
  digits: 1,
  unit: ' %',
  atLeast: Math.floor(leastUsed * 10) / 10,
}

export const fairness: Figure = {
  name: 'Jain index of the actors',
  of: observed => jain(countsOf(steady(observed), observed.crewOf.length)),
  digits: 4,
  atLeast: 0.999,
}

export const overAtReceiver: Figure = {
  name: 'too many in any 1 s at the receiver',
  of: ({ arrivals, scenario: { rate } }) => tooMany(arrivals, rate, [1]),
  atMost: 0,
}

export const callsPerDraw: Figure = {
  name: 'calls of Redis per request',
  of: ({ redis, emissions }) => redis.calls / emissions.length,
  digits: 2,
  atMost: 0.25,
}

const ofCore = (cpuMs: number, { scenario: { seconds } }: Observed): number => cpuMs / (10 * seconds)

export const redisCpu: Figure = {
  name: 'of a core for Redis',
  of: observed => ofCore(observed.redis.cpuMs, observed),
  digits: 1,
  unit: ' %',
  atMost: 8,
}

export const actorsCpu: Figure = {
  name: 'of a core for all actors',
  of: observed => ofCore(observed.cpuMs, observed),
  digits: 1,
  unit: ' %',
  atMost: 35,
}

/** How many draws a crew had for each of another's, from a moment on. */
export const shareOf = (crew: number, other: number, fromMs: number): ((observed: Observed) => number) => {
  return ({ emissions, crewOf, scenario: { seconds } }) => {
    const counts = new Map<number, number>()
    for (const { actor } of within(emissions, fromMs, 1000 * seconds))
      counts.set(crewOf[actor] ?? -1, (counts.get(crewOf[actor] ?? -1) ?? 0) + 1)
    return (counts.get(crew) ?? 0) / (counts.get(other) ?? 0)
  }
}

/** How many a second a crew draws. */
export const rateOfCrew = (crew: number, fromMs: number): ((observed: Observed) => number) => {
  return ({ emissions, crewOf, scenario: { seconds } }) =>
    rateOf(within(emissions, fromMs, 1000 * seconds).filter(({ actor }) => crewOf[actor] === crew))
}

/** How long the first actor of a crew waits for its first draw, ms. */
export const firstDrawOf = (crew: number): Figure => ({
  name: 'first request of the newcomer after',
  of({ emissions, crewOf, wishes }) {
    const actor = crewOf.indexOf(crew)
    const first = emissions.find(each => each.actor === actor)
    return first ? first.at - (wishes[actor] ?? Number.NaN) : Number.POSITIVE_INFINITY
  },
  unit: ' ms',
})

/** The longest gap that began in the second after a mark. */
export const gapAfter = (mark: string): Figure => ({
  name: 'longest gap in the second after',
  of({ emissions, marks }) {
    const at = marks.get(mark) ?? Number.NaN
    return longestGap(emissions, at, at + 1000)
  },
  digits: 1,
  unit: ' ms',
})

/** Share of the limit that is used from so many ms after a mark on, for so long or to the end. */
export const usedFrom = (mark: string, afterMs: number, forMs = Number.POSITIVE_INFINITY): Figure => ({
  name: `of the limit used from ${afterMs} ms after it`,
  of({ emissions, marks, scenario: { rate, seconds } }) {
    const from = (marks.get(mark) ?? Number.NaN) + afterMs
    const to = Math.min(from + forMs, 1000 * seconds)
    // Silence counts as well.
    return (100_000 * within(emissions, from, to).length) / ((to - from) * rate)
  },
  digits: 1,
  unit: ' %',
  atLeast: 97,
})

/** The same of the second after a mark, whatever it is. */
export const usedIn = (mark: string): Figure => {
  const { of } = usedFrom(mark, 0, 1000)
  return { name: 'of the limit used in that second', of, digits: 1, unit: ' %' }
}

export const p99OfCalls: Figure = {
  name: '99 of 100 calls within, as actors see it',
  of: ({ calls }) => percentile(inOrder(calls), 99),
  digits: 1,
  unit: ' ms',
}

export const p99InRedis: Figure = {
  name: '99 of 100 calls within, in Redis',
  of: ({ redis }) => redis.p99,
  digits: 2,
  unit: ' ms',
  atMost: 2,
}
