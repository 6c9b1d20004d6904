import { apply } from './apply.js'
import { follow, withSet } from './clocks.js'
import { serve } from './grants.js'
import type { Kind, Operation, Step } from './operation.js'
import { latestUs, poll } from './poll.js'
import { recover } from './push-back.js'
import { drop, release } from './queue.js'
import { spentBy } from './quotas.js'
import type { Ledger, LedgerGrant, Terms } from './terms.js'

/** Who has not asked for so long is not there. */
const lately = 10_000_000

/**
 * The slot ledger: what `operation` does to the budget at `now` (whole microseconds since the ledger was made), and what is granted then.
 *
 * It promises that within an epoch the grants of any time W cost at most W / interval and one grant more in every dimension, that users with
 * a backlog get shares by weight, that a parked user delays nobody, and that no grant is made further ahead than the look-ahead.
 * It reads no clock and draws no lots: equal calls lead to equal grants, here and in the script for Redis. The state is handed over:
 * what comes back is it, changed.
 */
export const step = (state: Ledger, now: number, operation: Operation): Step => {
  // Time never runs backwards, whatever the keeper's clock does.
  state.now = Math.max(state.now, now)
  forget(state)
  const disagreement = disagree(state, operation)
  if (disagreement !== undefined)
    return { state, grants: [], nextAt: undefined, pollAt: undefined, spent: undefined, disagreement }
  const { terms: given } = operation
  // Whoever does not know the limits cannot tell for how long a fence has to stand: the next actor raises it.
  if (given && state.incarnation !== operation.incarnation) fence(state, given, operation)
  recover(state)
  if (operation.kind === 'set') state.set = operation.pool
  if (!given) {
    apply(state, operation, noTerms)
    return { state, grants: [], nextAt: undefined, disagreement, ...untold }
  }
  const terms = state.set ? { ...given, pool: withSet(given.pool, state.set) } : given
  state.clocks = follow(state.clocks, terms.pool, state.now)
  const collected = apply(state, operation, terms)
  const { grants, nextAt } = serve(state, terms, operation.kind === 'request' ? operation.actor : undefined)
  const told = operation.kind === 'request' ? tell(state, terms, operation, grants) : untold
  return { state, grants: [...collected, ...grants], nextAt, disagreement, ...told }
}

const noTerms: Terms = { pool: [], user: [], quotas: [], lookAhead: 0, lead: 0, fence: 0 }

const untold = { pollAt: undefined, spent: undefined }

/** What the actor that asks has to know besides its grants. */
const tell = (
  state: Ledger,
  terms: Terms,
  { actor, user, order }: Kind<'request'>,
  grants: readonly LedgerGrant[],
): Pick<Step, 'pollAt' | 'spent'> => {
  // Who asks for one grant alone is called when it is made.
  if (order && !order.standing) return untold
  state.seen.set(actor, { user, at: state.now })
  if (!order) return untold
  const isLeft = !state.orders.has(actor) && !grants.some(grant => grant.actor === actor)
  const spent = isLeft ? spentBy(state, terms, order.cost) : undefined
  // What is spent comes back with the next period, which the ledger does not know of.
  const pollAt = spent ? state.now + latestUs : poll(state, terms, actor, order)
  state.due.set(actor, pollAt)
  return { pollAt, spent }
}

/** What the others say the limits are, as long as they are there, if it is not what this one says. */
const disagree = (state: Ledger, { agreement }: Operation): string | undefined => {
  if (agreement === undefined) return undefined
  const { agreed } = state
  if (agreed && agreed.words !== agreement && state.now - agreed.at <= lately) return agreed.words
  state.agreed = { words: agreement, at: state.now }
  return undefined
}

/** What is over need not be known. */
const forget = (state: Ledger): void => {
  for (const [origin, until] of state.holds) if (until <= state.now) state.holds.delete(origin)
  for (const [actor, { at }] of state.seen) if (state.now - at > lately) release(state, actor)
}

/** The ledger was lost, or part of it: what was granted before may still be used, so nothing is until that is over. */
const fence = (state: Ledger, terms: Terms, { incarnation, stamp }: Operation): void => {
  state.incarnation = incarnation
  state.epoch = Math.max(state.epoch + 1, stamp)
  state.fencedUntil = state.now + terms.fence
  state.clocks = terms.pool.map(term => ({ ...term, accrued: state.fencedUntil }))
  for (const actor of [...state.orders.keys()]) drop(state, actor)
  state.ready.clear()
  state.due.clear()
}
