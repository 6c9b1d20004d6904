import type { Ledger, LedgerUser } from './terms.js'

/** Users beyond so many are remembered only as long as it makes a difference. */
const mostKnown = 1024

/** The user of that name, with the weight that it has from now on. */
export const userOf = (state: Ledger, name: string, given?: number): LedgerUser => {
  const known = state.users.get(name) ?? state.earlier.get(name)
  const weight = given === undefined ? (known?.weight ?? 1) : Math.max(1, Math.round(given * 1024)) / 1024
  const user = known ?? {
    tag: 0,
    weight,
    clocks: [],
    pausedUntil: 0,
    orders: [],
    parked: undefined,
    limited: 0,
  }
  const isCounted = user.orders.length > 0 && user.parked === undefined
  if (isCounted) count(state, user, -1)
  user.weight = weight
  if (isCounted) count(state, user, 1)
  state.users.set(name, user)
  return user
}

/** Counts a user who can be served among the others, or no longer. */
export const count = (state: Ledger, { weight, limited }: LedgerUser, sign: 1 | -1): void => {
  state.weights += sign * weight
  if (limited > 0) state.limitedWeights += sign * weight
}

/**
 * Forgets users who have not come for long, where there are many. Nobody is looked for: those who have come are one generation, those who
 * came before it another, and it goes as a whole once none of it has anything coming that somebody new would not have.
 */
export const forgetMany = (state: Ledger): void => {
  const { users, backlog, earlierClaims, claims, now, virtualTime } = state
  // Who waits is not forgotten: with so many of them a generation would be over as soon as it began.
  if (users.size < mostKnown + backlog.size) return
  if (earlierClaims.until > now || earlierClaims.tag > virtualTime) return
  state.earlier = users
  state.earlierClaims = { ...claims }
  state.users = new Map(state.backlog)
}
