import { withSet } from '../ledger/clocks.js'
import type { Operation, Step } from '../ledger/operation.js'
import type { Ledger, LedgerGrant, Terms } from '../ledger/terms.js'
import { nothing } from '../ledger/terms.js'
import type { Answer, Snapshot, Status } from './keeper.js'

/** What holds for every actor of `state`. */
export const snapshotOf = ({ now, epoch, pausedUntil, factor, holds, set }: Ledger): Snapshot => ({
  now,
  epoch,
  pausedUntil,
  factor,
  holds: [...holds],
  set,
})

/** What `step` made of `operation`, for whoever asked for it; `wallTime` is in milliseconds since 1970. */
export const answerOf = (
  { state, grants, pollAt, spent, disagreement }: Step,
  operation: Pick<Operation, 'kind'> & { readonly actor?: string },
  wallTime: number,
): Answer => ({
  ...snapshotOf(state),
  wallTime,
  grants: grants.filter(({ actor }) => actor === operation.actor),
  pollAt,
  spent,
  disagreement,
  actors: state.seen.size + (isUnseen(state, operation) ? 1 : 0),
})

/** Who asks for one grant alone is there as well. */
const isUnseen = ({ seen }: Ledger, { kind, actor }: { kind: string; actor?: string }): boolean =>
  kind === 'request' && actor !== undefined && !seen.has(actor)

/** What others than the one who asked were granted, by actor. */
export const grantsOfOthers = (
  { grants }: Step,
  asking: string | undefined,
): Map<string, readonly LedgerGrant[]> => {
  const others = new Map<string, LedgerGrant[]>()
  for (const grant of grants) {
    if (grant.actor === asking) continue
    const theirs = others.get(grant.actor)
    if (theirs) theirs.push(grant)
    else others.set(grant.actor, [grant])
  }
  return others
}

/** `state` as an operator sees it at `now`; `terms` are those that an actor named last. */
export const statusOf = (state: Ledger, now: number, terms: Terms | undefined): Status => ({
  ...snapshotOf(state),
  now: Math.max(state.now, now),
  clocks: terms ? withSet(terms.pool, state.set) : (state.set ?? []),
  agreement: state.agreed?.words,
  users: usersOf(state),
  granted: grantedIn(state, now),
  used: [...state.used].map(([of, { period, amount }]) => ({ of, period, amount })),
})

/** Users that wait, that have asked lately, or that are paused. */
const usersOf = (state: Ledger): Status['users'] => {
  const actors = new Map<string, number>()
  for (const { user } of state.seen.values()) actors.set(user, (actors.get(user) ?? 0) + 1)
  const users = []
  for (const [user, { weight, orders, pausedUntil }] of state.users)
    if (orders.length > 0 || actors.has(user) || pausedUntil > state.now)
      users.push({ user, weight, actors: actors.get(user) ?? 0, waiting: orders.length, pausedUntil })
  return users
}

/** What was granted in the last second that is whole at `now`. */
const grantedIn = ({ metered }: Ledger, now: number): Status['granted'] => {
  const whole = Math.floor(now / 1e6) - 1
  if (metered.second === whole) return metered.current
  return metered.second === whole + 1 ? metered.previous : nothing
}
