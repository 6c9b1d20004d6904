import type { CostVector, Ledger, QuotaTerms, Terms } from './terms.js'

/** What is used of a quota in its period. */
export const usedOf = ({ used }: Ledger, { of, period }: QuotaTerms): number => {
  const known = used.get(of)
  // An actor whose period has passed counts in the one that has begun.
  return known && known.period >= period ? known.amount : 0
}

/** How many times `cost` the quotas have room for. */
export const room = (state: Ledger, { quotas }: Terms, cost: CostVector): number => {
  let times = Number.POSITIVE_INFINITY
  for (const quota of quotas)
    if (cost[quota.of] > 0)
      times = Math.min(times, Math.floor((quota.limit - usedOf(state, quota)) / cost[quota.of]))
  return Math.max(0, times)
}

/** The quota that has no room for `cost`. */
export const spentBy = (state: Ledger, { quotas }: Terms, cost: CostVector): QuotaTerms | undefined =>
  quotas.find(quota => cost[quota.of] > 0 && usedOf(state, quota) + cost[quota.of] > quota.limit)

/** Counts `count` times `cost`; what is given back is negative, and counts in no period after its own. */
export const use = (state: Ledger, { quotas }: Terms, cost: CostVector, count: number): void => {
  for (const quota of quotas) {
    const known = state.used.get(quota.of)
    const isPast = known !== undefined && known.period > quota.period
    const amount = count * cost[quota.of]
    if (amount === 0 || (isPast && amount < 0)) continue
    const period = isPast ? known.period : quota.period
    state.used.set(quota.of, { period, amount: Math.max(0, usedOf(state, quota) + amount) })
  }
}
