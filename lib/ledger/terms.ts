/** What a limit can be in. `units` are a provider's own weights of requests. */
export type Dimension = 'requests' | 'units' | 'bytes'

/** What something costs, in every dimension a limit can have. */
export type CostVector = { readonly [Each in Dimension]: number }

/** What costs nothing. */
export const nothing: CostVector = { requests: 0, units: 0, bytes: 0 }

/** `sum`, and `count` times `cost`. */
export const plus = (sum: CostVector, cost: CostVector, count = 1): CostVector => ({
  requests: sum.requests + count * cost.requests,
  units: sum.units + count * cost.units,
  bytes: sum.bytes + count * cost.bytes,
})

/** One limit, as a clock that moves on by what is granted. */
export type ClockTerms = {
  readonly of: Dimension
  /** Microseconds that one unit of the dimension takes; 0 is no limit. */
  readonly interval: number
  /** Microseconds that the clock may be behind: what an idle pool has saved up. */
  readonly savings: number
}

/** What may be used until a period ends. */
export type QuotaTerms = {
  readonly of: Dimension
  readonly limit: number
  /** Which period it is, such as `2026-11-30`: a later one sorts behind, and begins with nothing used. */
  readonly period: string
  /** When the period ends, in the ledger's time. */
  readonly endsAt: number
}

/** What an actor takes the limits to be. Times are microseconds since the ledger was made. */
export type Terms = {
  /** The limits of all. */
  readonly pool: readonly ClockTerms[]
  /** The limits of the actor's own user; others may have others. */
  readonly user: readonly ClockTerms[]
  readonly quotas: readonly QuotaTerms[]
  /** How far ahead of its slot a grant is made: the bound of everything that can go wrong with it. */
  readonly lookAhead: number
  /** No slot is nearer than this: what a grant takes to arrive. */
  readonly lead: number
  /** How long nothing is granted once the ledger was lost: longer than anything granted before can last. */
  readonly fence: number
}

/** What an actor waits for. */
export type Order = {
  readonly cost: CostVector
  /** How many times it. */
  readonly count: number
  /** The weight of its user's share, in steps of 1/1024. */
  readonly weight: number
  /** Whether it is made again as soon as it is granted, while its actor is not there to say so. */
  readonly standing: boolean
}

/** `count` times `cost`, `spacing` microseconds apart from `slot` on. */
export type LedgerGrant = {
  readonly actor: string
  /** Tells it from any other of its epoch: several can be at one slot. */
  readonly serial: number
  readonly slot: number
  readonly count: number
  readonly spacing: number
  readonly cost: CostVector
  readonly epoch: number
}

/** One limit as it stands: `accrued` is until when all that was granted has. */
export type LedgerClock = ClockTerms & { accrued: number }

export type LedgerUser = {
  /** Cost served so far, in microseconds of the pool over the user's weight: the lowest is next. */
  tag: number
  weight: number
  clocks: number[]
  pausedUntil: number
  /** Its orders, first come first served. */
  orders: LedgerOrder[]
  /** Parked until slots have come so far: its own limits or a pause keep it from being served. */
  parked: number | undefined
  /** Above 0 where its own limits keep it below its share: it was parked before one of its last two turns. */
  limited: number
}

/** What an actor waits for, under which limits of its user, and how many came before it. */
export type LedgerOrder = Readonly<{
  actor: string
  user: string
  order: Order
  limits: readonly ClockTerms[]
  at: number
}>

/** What users still have coming, or owe: after that much nothing is lost when they are forgotten. */
export type Claims = { until: number; tag: number }

/** All there is to know of a budget: plain data, which only `step` changes. */
export type Ledger = {
  incarnation: string
  /** Tells apart what was granted before the ledger was lost. */
  epoch: number
  now: number
  clocks: LedgerClock[]
  /** The tag of whoever was served last: who comes anew starts there. */
  virtualTime: number
  pausedUntil: number
  fencedUntil: number
  /** What is left of the rate after push-backs, 0.1 to 1. */
  factor: number
  /** When it was last cut, and when some of it last came back. */
  cutAt: number
  recoveredAt: number
  sequence: number
  /** The latest slot of all that were granted. */
  reached: number
  /** Users that are known, and those who were before and may be forgotten next. */
  users: Map<string, LedgerUser>
  earlier: Map<string, LedgerUser>
  /** The most that any user claims, and the most that those from before do. */
  claims: Claims
  earlierClaims: Claims
  /** Users that wait. */
  backlog: Map<string, LedgerUser>
  /** The weights of those of them that are not parked; a sum of 1/1024s, and so exact in any order. */
  weights: number
  /** The same of those who are limited. */
  limitedWeights: number
  /** Who waits, by actor. */
  orders: Map<string, LedgerOrder>
  /** Grants that lie ready for actors. */
  ready: Map<string, LedgerGrant[]>
  /** When an actor was told to ask again. */
  due: Map<string, number>
  used: Map<Dimension, { period: string; amount: number }>
  /** Until when an origin is not to be asked. */
  holds: Map<string, number>
  /** The limits that actors agree on, and when the last of them said so. */
  agreed: { words: string; at: number } | undefined
  /** Limits that an operator has set, in the place of those in the same dimensions. */
  set: readonly ClockTerms[] | undefined
  /** When actors last asked, and for whom. */
  seen: Map<string, { user: string; at: number }>
  /** What was granted in the second that runs, and in the one before. */
  metered: { second: number; current: CostVector; previous: CostVector }
}
