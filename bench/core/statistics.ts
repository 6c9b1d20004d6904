/** The middle of `values`, or the mean of the two in the middle; NaN where there are none. */
export const median = (values: readonly number[]): number => {
  const sorted = inOrder(values)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The least of `sorted` (ascending) that `percent` of them do not exceed; NaN where there are none. */
export const percentile = (sorted: readonly number[], percent: number): number => {
  const rank = Math.ceil((percent / 100) * sorted.length)
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] ?? Number.NaN
}

/** How far `values` lie apart, as a share of their median: 0.1 is a tenth between the least and the greatest. */
export const spread = (values: readonly number[]): number => {
  const sorted = inOrder(values)
  return ((sorted.at(-1) ?? Number.NaN) - (sorted[0] ?? Number.NaN)) / median(sorted)
}

/** The same values, ascending. */
export const inOrder = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)
