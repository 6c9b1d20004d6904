import { rest, spacingOf } from './clocks.js'
import type { Kind, Operation } from './operation.js'
import { longestUs, pause, resume } from './push-back.js'
import { charge, drop, enqueue, isIdle, release, unpark } from './queue.js'
import { spentBy, use } from './quotas.js'
import type { CostVector, Ledger, LedgerGrant, Terms } from './terms.js'
import { userOf } from './users.js'

/** Does what was asked; what lay ready for the actor that asks comes back. */
export const apply = (state: Ledger, operation: Operation, terms: Terms): readonly LedgerGrant[] => {
  switch (operation.kind) {
    case 'request':
      return request(state, operation, terms)
    case 'leave':
      release(state, operation.actor)
      return []
    case 'settle':
      settle(state, operation, terms)
      return []
    case 'refund':
      use(state, terms, operation.unused, -1)
      return []
    case 'pause':
      pause(state, operation)
      return []
    case 'resume':
      resume(state, operation)
      return []
    case 'hold':
      state.holds.set(
        operation.origin,
        Math.max(state.holds.get(operation.origin) ?? 0, state.now + Math.min(operation.us, longestUs)),
      )
      return []
    case 'set':
    case 'tick':
      return []
  }
}

const request = (
  state: Ledger,
  { actor, user, order }: Kind<'request'>,
  terms: Terms,
): readonly LedgerGrant[] => {
  const ready = state.ready.get(actor) ?? []
  state.ready.delete(actor)
  if (!order || spentBy(state, terms, order.cost)) drop(state, actor)
  else {
    if (isIdle(state)) rest(state.clocks, state.now)
    enqueue(state, { actor, user, order }, terms.user)
  }
  return ready
}

const settle = (state: Ledger, { user, weight, more }: Kind<'settle'>, terms: Terms): void => {
  for (const clock of state.clocks) clock.accrued += (more[clock.of] * clock.interval) / state.factor
  const settled = userOf(state, user, weight)
  settled.clocks = terms.user.map(
    ({ of, interval }, index) => (settled.clocks[index] ?? 0) + (more[of] * interval) / state.factor,
  )
  use(state, terms, more, 1)
  charge(state, settled, shareOf(terms, more, state.factor))
  // What kept it from being served may be over.
  unpark(state, settled)
}

/** What the dominant dimension of a difference takes; negative where all of it is given back. */
const shareOf = ({ pool }: Terms, { requests, units, bytes }: CostVector, factor: number): number =>
  spacingOf(pool, { requests, units, bytes }, factor) ||
  -spacingOf(pool, { requests: -requests, units: -units, bytes: -bytes }, factor)
