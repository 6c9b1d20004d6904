import type { ClockTerms, CostVector, LedgerClock } from './terms.js'

/** When all of `cost` has accrued on every clock, at the earliest `from`. */
export const readyAt = (
  accrued: readonly number[],
  terms: readonly ClockTerms[],
  cost: CostVector,
  factor: number,
  from: number,
): number => {
  let at = from
  for (const [index, { of, interval }] of terms.entries()) {
    const each = (cost[of] * interval) / factor
    if (each > 0) at = Math.max(at, (accrued[index] ?? 0) + each)
  }
  return at
}

/** The limits with those that an operator has set, each in the place of the one in the same dimension. */
export const withSet = (
  terms: readonly ClockTerms[],
  set: readonly ClockTerms[] | undefined,
): readonly ClockTerms[] => (set ? terms.map(term => set.find(({ of }) => of === term.of) ?? term) : terms)

/** Microseconds between two events of `cost`: what its dominant dimension takes. */
export const spacingOf = (terms: readonly ClockTerms[], cost: CostVector, factor: number): number => {
  let spacing = 0
  for (const { of, interval } of terms) spacing = Math.max(spacing, (cost[of] * interval) / factor)
  return spacing
}

/** Where a clock is after `count` times `cost`, the last of them at `last`: no further back than its savings. */
export const advanced = (
  accrued: number,
  { of, interval, savings }: ClockTerms,
  cost: CostVector,
  count: number,
  factor: number,
  last: number,
): number => {
  const each = (cost[of] * interval) / factor
  return each > 0 ? Math.max(accrued + count * each, last - savings) : accrued
}

/** The clocks under `terms`: where a rate has changed, what has accrued or is owed stays the same amount. */
export const follow = (
  clocks: readonly LedgerClock[],
  terms: readonly ClockTerms[],
  now: number,
): LedgerClock[] =>
  terms.map((term, index) => {
    const clock = clocks[index]
    if (clock?.of !== term.of) return { ...term, accrued: now }
    if (clock.interval === term.interval && clock.savings === term.savings) return clock
    return { ...term, accrued: converted(clock, term.interval, now) }
  })

const converted = ({ interval, accrued }: LedgerClock, next: number, now: number): number => {
  if (interval === next) return accrued
  // What was unlimited saved and owed nothing.
  return interval === 0 ? now : now - ((now - accrued) / interval) * next
}

/** Nobody has waited until `at`: what has accrued beyond the savings, or the one that may come at once then, is forfeited. */
export const rest = (clocks: readonly LedgerClock[], at: number): void => {
  for (const clock of clocks)
    clock.accrued = Math.max(clock.accrued, at - Math.max(clock.savings, clock.interval))
}
