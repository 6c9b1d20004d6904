import type { ClockTerms, CostVector, Ledger, LedgerGrant, Order, QuotaTerms, Terms } from './terms.js'

/** What can be done with a ledger. `incarnation` tells the keeper of the state: another one has lost what it did not store. */
export type Operation = {
  /** The limits in words: actors whose words differ may not share a ledger. Nothing where it takes them as they are. */
  readonly agreement?: string
  readonly incarnation: string
  /** A number that grows, such as the time of day: the epoch after a loss. */
  readonly stamp: number
} & (OfActor | OfAnybody)

/** What only those do who know the limits. */
type OfActor = { readonly terms: Terms } & (
  | { readonly kind: 'request'; readonly actor: string; readonly user: string; readonly order?: Order }
  /** What was granted cost more than was said, or less where negative. */
  | { readonly kind: 'settle'; readonly user: string; readonly weight: number; readonly more: CostVector }
  /** What was granted and did not happen counts against no quota; its slots are over. */
  | { readonly kind: 'refund'; readonly unused: CostVector }
  /** Only time has passed. */
  | { readonly kind: 'tick' }
)

/** What an operator does as well, who does not know them: it takes effect at once, and on what is granted when an actor asks next. */
type OfAnybody = { readonly terms?: Terms } & (
  | { readonly kind: 'leave'; readonly actor: string }
  /** Nothing is granted to `user`, or to anybody, for `us`; `cut` says that the provider pushed back, and that less is asked of it for a while. */
  | { readonly kind: 'pause'; readonly user?: string; readonly us: number; readonly cut: boolean }
  | { readonly kind: 'resume'; readonly user?: string }
  /** No request to `origin` is to be made by anybody for `us`. */
  | { readonly kind: 'hold'; readonly origin: string; readonly us: number }
  /** From now on these are limits of all, whatever actors say, besides their own in other dimensions; without any, their own hold again. */
  | { readonly kind: 'set'; readonly pool?: readonly ClockTerms[] }
)

/** The operation of a name. */
export type Kind<Name extends Operation['kind']> = Extract<Operation, { kind: Name }>

/** What an operation led to. */
export type Step = {
  readonly state: Ledger
  /** To whoever they are; those of other actors lie ready until they ask as well. */
  readonly grants: readonly LedgerGrant[]
  /** When the actor that asked should ask again at the latest; undefined where it waits for nothing. */
  readonly pollAt: number | undefined
  /** When another grant can be made at the earliest; undefined where nobody waits. */
  readonly nextAt: number | undefined
  /** The quota that the order of the actor that asked does not fit in. */
  readonly spent: QuotaTerms | undefined
  /** What others hold the limits to be, where that is something else: nothing was done then. */
  readonly disagreement: string | undefined
}
