import { spacingOf } from '../ledger/clocks.js'
import type { CostVector, Order, Terms } from '../ledger/terms.js'

/** A batch covers about so much time, and half a round trip: fewer calls, and no more in one process's hands than that. */
const batchUs = 5_000
const mostAtOnce = 100

/** What weighs more has as much more at a turn, up to so many times: one process could not come back for all of its turns in time. */
const mostTurns = 4

/** What a process has to do next. */
export type Wanted = {
  /** What the next of those that wait costs; undefined where nobody does, but somebody will in a moment. */
  readonly next: CostVector | undefined
  /** How many wait, and how many grants are on their way to them. */
  readonly waiting: number
  readonly coming: number
  readonly roundTripMs: number
}

export type Orders = {
  /** What is asked for: pieces of the size that they have on average, as many as there is time for; nothing where enough is on its way. */
  order(wanted: Wanted, terms: Pick<Terms, 'pool' | 'user'>): Order | undefined
  /** What one of them costs. */
  meanCost(): CostVector
}

/** Puts together what a process of this weight asks a ledger for. */
export const openOrders = (weight: number): Orders => {
  let cost: CostVector = { requests: 1, units: 0, bytes: 0 }

  /** Pieces of different sizes are asked for by their mean: what one has too much the next has too little. */
  const meanWith = (next: CostVector): CostVector => {
    const mean = cost.bytes === 0 ? next.bytes : cost.bytes + (next.bytes - cost.bytes) / 4
    return { ...next, bytes: next.bytes === 0 ? 0 : Math.max(1, Math.round(mean)) }
  }

  return {
    order({ next, waiting, coming, roundTripMs }, { pool, user }) {
      if (next) cost = meanWith(next)
      const spacing = Math.max(spacingOf(pool, cost, 1), spacingOf(user, cost, 1))
      // What only a quota limits is at nobody's expense but that of others who need it: none is asked for twice.
      if (spacing === 0) {
        const count = Math.min(mostAtOnce, waiting - coming)
        return count > 0 ? { cost, count, weight, standing: true } : undefined
      }
      const batch = Math.floor(
        (batchUs * Math.min(weight, mostTurns) + roundTripMs * 500) / Math.max(1, spacing),
      )
      const count = Math.max(1, Math.min(batch, mostAtOnce, waiting))
      return { cost, count, weight, standing: true }
    },
    meanCost: () => cost,
  }
}
