import type { Kind } from './operation.js'
import { claim, unpark } from './queue.js'
import type { Ledger } from './terms.js'
import { userOf } from './users.js'

/** A push-back without a time takes this share of the rate, once a second at most. */
const cutTo = 0.7
const leastFactor = 0.1
const cutEveryUs = 1_000_000
/** Share of the rate that comes back each second, from a second after the pause on, and in steps of a second. */
const recovery = 0.05

/** A pause or a hold is over some day, whatever was said. */
export const longestUs = 31 * 86_400 * 1e6

/** Grants nothing for a while, to one user or to anybody, and less afterwards where the rate is to be cut. */
export const pause = (state: Ledger, { user, us, cut }: Kind<'pause'>): void => {
  const until = state.now + Math.min(us, longestUs)
  if (user === undefined) state.pausedUntil = Math.max(state.pausedUntil, until)
  else {
    const paused = userOf(state, user)
    paused.pausedUntil = Math.max(paused.pausedUntil, until)
    claim(state, until)
  }
  if (!cut) return
  // Nothing is asked meanwhile, and so nothing is known to be better.
  state.recoveredAt = Math.max(state.recoveredAt, until, state.pausedUntil)
  if (state.now - state.cutAt <= cutEveryUs) return
  state.factor = Math.max(leastFactor, state.factor * cutTo)
  state.cutAt = state.now
}

/** Ends a pause of one user, or of everybody. */
export const resume = (state: Ledger, { user }: Kind<'resume'>): void => {
  if (user === undefined) {
    state.pausedUntil = 0
    state.recoveredAt = Math.min(state.recoveredAt, state.now)
    return
  }
  const paused = userOf(state, user)
  paused.pausedUntil = 0
  unpark(state, paused)
}

/** What was cut of the rate comes back little by little. */
export const recover = (state: Ledger): void => {
  const since = state.now - state.recoveredAt
  if (state.factor === 1 || since <= cutEveryUs) return
  state.factor = Math.min(1, state.factor + (recovery * since) / 1e6)
  state.recoveredAt = state.now
}
