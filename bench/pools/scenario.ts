import type { Keeper } from '../../lib/pool/keeper.js'
import type { Who } from './actors/contestant.js'
import type { Emission } from './emissions.js'
import type { RedisCost, RedisServer } from './redis.js'

/** Actors that are alike. */
export type Crew = {
  count: number
  /** Of all of them, or of each by its number in the crew. */
  user?: string | ((index: number) => string)
  weight?: number
  userRate?: number
  quota?: number
  /** Seconds after the start at which they begin; 0 unless given. */
  from?: number
  /** Whether they join only then; they have joined before unless true. */
  isLate?: boolean
}

/** What is done to them meanwhile, and what a picture says of it. */
export type Act = {
  /** Seconds after the start. */
  at: number
  says: string
  does: (stage: Stage) => Promise<unknown>
}

/** Who draws on one budget, and what happens to them. */
export type Scenario = {
  /** Requests a second. */
  rate: number
  crews: readonly Crew[]
  seconds: number
  acts?: readonly Act[]
  /** Done before anybody joins. */
  before?: (stage: Stage) => Promise<unknown>
  roundTripMs?: number
  isDeaf?: boolean
  /** Half of the processes have their time of day so much later. */
  skewMs?: number
  /** Every draw is a request to a server, which counts them as well. */
  hasReceiver?: boolean
  /** The budget is kept by one of the actors, behind a socket. */
  isOnSocket?: boolean
  /** How many processes the actors of a crew are in at most. */
  processes?: number
}

/** What acts get at. */
export type Stage = {
  redis: RedisServer
  /** The budget, as an operator has it. */
  keeper(): Promise<Keeper>
  /** Kills so many processes with -9, the last ones first, and all their actors. */
  kill(count: number): Promise<void>
  /** Notes a number: milliseconds since the start unless given. */
  mark(name: string, value?: number): void
}

/** What came of it. Times are milliseconds since the start. */
export type Observed = {
  who: Who
  scenario: Scenario
  emissions: readonly Emission[]
  /** At the receiver. */
  arrivals: readonly Emission[]
  /** When each actor wanted its first one. */
  wishes: readonly number[]
  /** What was noted. */
  marks: ReadonlyMap<string, number>
  /** Of all processes of actors. */
  cpuMs: number
  /** What share of the machine's processors all others had meanwhile. */
  others: number
  /** Milliseconds that each call took, as the actors saw it. */
  calls: readonly number[]
  redis: RedisCost
  /** Which crew an actor is of. */
  crewOf: readonly number[]
}
