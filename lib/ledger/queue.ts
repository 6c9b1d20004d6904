import type { ClockTerms, Ledger, LedgerOrder, LedgerUser, Order } from './terms.js'
import { count, forgetMany, userOf } from './users.js'

/*
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996) between users, first come first served between the actors of one. A user's tag is
 * the cost it was served over its weight; the lowest is next. One who comes anew starts at the virtual time of now, so that nobody
 * hoards turns. One who may not be served yet is parked, and delays nobody.
 */

/** The tag may be a share ahead of newcomers' for so many of them, before it is ahead of them: else newcomers would always go first. */
const mostNewcomers = 64

/** Whether nobody can be served. */
export const isIdle = ({ weights }: Ledger): boolean => weights === 0

/** Whether nobody but `user` can be served. */
export const isAlone = ({ weights }: Ledger, user: LedgerUser): boolean => weights === user.weight

/** Of those for whom `rank` tells a number, the one with the lowest; by name where they are equal. */
const lowest = (
  { backlog }: Ledger,
  rank: (user: LedgerUser) => number | undefined,
): [name: string, user: LedgerUser] | undefined => {
  let first: [name: string, user: LedgerUser] | undefined
  let least = Number.POSITIVE_INFINITY
  for (const [name, user] of backlog) {
    const ranked = rank(user)
    if (ranked === undefined || ranked > least || (ranked === least && first && name > first[0])) continue
    first = [name, user]
    least = ranked
  }
  return first
}

/** Who is next. */
export const nextUser = (state: Ledger) =>
  lowest(state, ({ parked, tag }) => (parked === undefined ? tag : undefined))

/** How many users are served before the one of that name, each of them once. */
export const usersBefore = ({ backlog }: Ledger, name: string, { tag }: LedgerUser): number => {
  let before = 0
  for (const [other, { parked, tag: theirs }] of backlog)
    if (parked === undefined && (theirs < tag || (theirs === tag && other < name))) before++
  return before
}

/** Of the parked ones, who can be served first. */
export const firstParked = (state: Ledger) => lowest(state, ({ parked }) => parked)

/** The user is not served before slots have come to `until`. */
export const park = (state: Ledger, user: LedgerUser, until: number): void => {
  if (user.parked === undefined) count(state, user, -1)
  user.parked = until
  user.limited = 2
}

/** The user is served again, from the virtual time on. */
export const unpark = (state: Ledger, user: LedgerUser): void => {
  if (user.parked === undefined) return
  user.parked = undefined
  user.tag = Math.max(user.tag, state.virtualTime)
  count(state, user, 1)
}

/** The same of all whose time has come. */
export const unparkUntil = (state: Ledger, until: number): void => {
  for (const user of state.backlog.values())
    if (user.parked !== undefined && user.parked <= until) unpark(state, user)
}

/** Puts an order at the end of its user's, or says anew what stands there already. */
export const enqueue = (
  state: Ledger,
  { actor, user: name, order }: { readonly actor: string; readonly user: string; readonly order: Order },
  limits: readonly ClockTerms[],
): void => {
  const standing = state.orders.get(actor)
  if (standing?.user === name) {
    const user = userOf(state, name, order.weight)
    const placed = { ...standing, order, limits }
    user.orders[user.orders.indexOf(standing)] = placed
    state.orders.set(actor, placed)
    return
  }
  drop(state, actor)
  forgetMany(state)
  const user = userOf(state, name, order.weight)
  if (user.orders.length === 0) join(state, name, user)
  append(state, user, { actor, user: name, order, limits, at: state.sequence++ })
}

const join = (state: Ledger, name: string, user: LedgerUser): void => {
  user.tag = Math.max(user.tag, state.virtualTime)
  state.backlog.set(name, user)
  count(state, user, 1)
}

const append = (state: Ledger, user: LedgerUser, placed: LedgerOrder): void => {
  user.orders.push(placed)
  state.orders.set(placed.actor, placed)
}

/** The order was served and stands again, behind those of its user's other actors; who waits all the time keeps its tag. */
export const repeat = (state: Ledger, user: LedgerUser, placed: LedgerOrder): void => {
  user.orders.splice(user.orders.indexOf(placed), 1)
  append(state, user, { ...placed, at: state.sequence++ })
}

/** The actor waits for nothing any more. */
export const drop = (state: Ledger, actor: string): void => {
  const placed = state.orders.get(actor)
  const user = placed && state.backlog.get(placed.user)
  if (!user) return
  state.orders.delete(actor)
  user.orders.splice(user.orders.indexOf(placed), 1)
  if (user.orders.length > 0) return
  if (user.parked === undefined) count(state, user, -1)
  user.parked = undefined
  state.backlog.delete(placed.user)
}

/** The actor is gone, and all that lies ready for it. */
export const release = (state: Ledger, actor: string): void => {
  drop(state, actor)
  state.ready.delete(actor)
  state.due.delete(actor)
  state.seen.delete(actor)
}

/** The user has a turn: without having been parked, it is not limited any more. */
export const turn = (state: Ledger, user: LedgerUser): void => {
  if (user.limited === 0) return
  count(state, user, -1)
  user.limited--
  count(state, user, 1)
}

/** The user moves back by what it was served. */
export const charge = (state: Ledger, user: LedgerUser, share: number): void => {
  const moved = share / user.weight
  user.tag += moved
  // Time has to pass even where nobody comes twice, but no faster than for those who wait all the time.
  state.virtualTime += moved / Math.max(mostNewcomers, 2 * state.backlog.size)
  state.claims.tag = Math.max(state.claims.tag, user.tag)
  for (const accrued of user.clocks) claim(state, accrued)
}

/** Longer than any savings of a user's clock. */
const longAgo = 1e9

/** The user has something coming, or owes it, until then: for long after it is not forgotten. */
export const claim = ({ claims }: Ledger, until: number): void => {
  claims.until = Math.max(claims.until, until + longAgo)
}
