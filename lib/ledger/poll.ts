import { readyAt, spacingOf } from './clocks.js'
import { nearness } from './grants.js'
import { nextUser, usersBefore } from './queue.js'
import type { Ledger, Order, Terms } from './terms.js'

/** An actor asks again after this at the soonest. */
const soonestUs = 500

/** An actor asks again after this at the latest. */
export const latestUs = 2_000_000

/** When the turn of the actor comes that asks for `order`, as far as it can be told, less half of how far ahead grants are made. */
export const poll = (state: Ledger, terms: Terms, actor: string, order: Order): number => {
  const placed = state.orders.get(actor)
  const user = placed && state.backlog.get(placed.user)
  const from = Math.max(state.now, state.fencedUntil, state.pausedUntil)
  const accrued = state.clocks.map(clock => clock.accrued)
  const front = readyAt(accrued, terms.pool, order.cost, state.factor, from)
  let at = front
  let ahead = terms.lookAhead / 2
  if (placed && user) {
    const share = order.count * spacingOf(terms.pool, order.cost, state.factor)
    // Those of a parked user take turns one at a time.
    const own = spacingOf(terms.user, order.cost, state.factor)
    const rank = user.orders.indexOf(placed)
    if (user.parked !== undefined) {
      at = user.parked + rank * own
      ahead = nearness(terms)
    } else {
      const tag = nextUser(state)?.[1].tag ?? user.tag
      const before = usersBefore(state, placed.user, user)
      // Who is limited takes less than its share: others come sooner than weights say.
      const others = state.weights - state.limitedWeights - (user.limited > 0 ? 0 : user.weight)
      // What all others have before it, as if each were as far behind as the last; where one lags, it is a turn of each.
      const wait = Math.min(Math.max(0, user.tag - tag) * others, before * share)
      at = front + wait + (rank * share * (others + user.weight)) / user.weight
    }
  }
  const soonest = state.now + soonestUs
  return Math.min(Math.max(Math.ceil(at - ahead), soonest), state.now + latestUs)
}
