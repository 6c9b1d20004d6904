import type { Operation } from '../ledger/operation.js'
import type { ClockTerms, LedgerGrant, QuotaTerms } from '../ledger/terms.js'

/** An operation as an actor has it: the keeper adds who it is and what time it is. */
export type Happening = Operation extends infer Each
  ? Each extends Operation
    ? Omit<Each, 'incarnation' | 'stamp'>
    : never
  : never

/** What holds for every actor of a ledger. Times are microseconds of the ledger. */
export type Snapshot = {
  readonly now: number
  readonly epoch: number
  /** Nobody is granted anything until then. */
  readonly pausedUntil: number
  /** What is left of the rate after push-backs. */
  readonly factor: number
  /** Origins that are not to be asked, and until when. */
  readonly holds: readonly (readonly [origin: string, until: number])[]
  /** Limits that an operator has set; undefined where actors have their own. */
  readonly set: readonly ClockTerms[] | undefined
}

/** What an actor is told. */
export type Answer = Snapshot & {
  /** Milliseconds since 1970 at the keeper: every actor of a pool has the same days. */
  readonly wallTime: number
  /** Grants to the actor that asked. */
  readonly grants: readonly LedgerGrant[]
  readonly pollAt: number | undefined
  readonly spent: QuotaTerms | undefined
  readonly disagreement: string | undefined
  /** Actors that asked lately, this one included. */
  readonly actors: number
}

/** What an actor hears without asking. It may be lost: whoever asks in time misses nothing. */
export type Push = Snapshot & { readonly grants: readonly LedgerGrant[] }

/** A ledger as an operator sees it. */
export type Status = Snapshot & {
  readonly clocks: readonly ClockTerms[]
  readonly agreement: string | undefined
  readonly users: readonly {
    readonly user: string
    readonly weight: number
    readonly actors: number
    /** Orders that wait. */
    readonly waiting: number
    readonly pausedUntil: number
  }[]
  /** Granted in the last whole second. */
  readonly granted: { readonly requests: number; readonly units: number; readonly bytes: number }
  readonly used: readonly { readonly of: string; readonly period: string; readonly amount: number }[]
}

/** Where a ledger is that several processes share: in Redis, or in one of them. */
export type Keeper = {
  /** Whether a ledger that was lost begins anew with what was used of quotas, surely. */
  readonly keepsQuotas?: boolean
  /** Does something with the ledger. Rejects with ERR_POOL when there is no answer in time, or when it cannot be understood. */
  call(happening: Happening): Promise<Answer>
  status(): Promise<Status>
  /** Hears of what is told to `actor` without being asked; the function that comes back ends it. */
  listen(actor: string, hear: (push: Push) => void): () => void
  /** Lets go of connections and timers. */
  close(): Promise<void>
}

/** Opens the keeper of the pool `name`. */
export type OpenKeeper = (url: string, name: string) => Promise<Keeper>
