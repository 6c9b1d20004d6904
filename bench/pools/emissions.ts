/** When an actor drew, in milliseconds since the start. */
export type Emission = { at: number; actor: number }

/** The most within any half-open window of `ms`; the times ascend. */
export const mostIn = (emissions: readonly Emission[], ms: number): number => {
  let [most, first] = [0, 0]
  for (const [index, { at }] of emissions.entries()) {
    while ((emissions[first]?.at ?? at) <= at - ms) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}

/** How many too many there are in the worst window of each of `windows` (seconds), in all. */
export const tooMany = (emissions: readonly Emission[], rate: number, windows: readonly number[]): number =>
  windows.reduce(
    (sum, seconds) =>
      sum + Math.max(0, mostIn(emissions, 1000 * seconds) - Math.floor(rate * seconds + 1e-6)),
    0,
  )

/** Those from one moment until before another. */
export const within = (emissions: readonly Emission[], from: number, to: number): Emission[] =>
  emissions.filter(({ at }) => at >= from && at < to)

/** How many a second, from the first to the last of them. */
export const rateOf = (emissions: readonly Emission[]): number => {
  const [first, last] = [emissions.at(0), emissions.at(-1)]
  return first && last && last.at > first.at ? (1000 * (emissions.length - 1)) / (last.at - first.at) : 0
}

/** How many each of so many actors has. */
export const countsOf = (emissions: readonly Emission[], actors: number): number[] => {
  const counts = new Array<number>(actors).fill(0)
  for (const { actor } of emissions) counts[actor] = (counts[actor] ?? 0) + 1
  return counts
}

/** Jain's index: 1 where all have the same, 1 / n where one has all. */
export const jain = (counts: readonly number[]): number => {
  const sum = counts.reduce((all, count) => all + count, 0)
  const squares = counts.reduce((all, count) => all + count * count, 0)
  return (sum * sum) / (counts.length * squares)
}

/** The longest time in which there was none, of those that began between two moments. */
export const longestGap = (emissions: readonly Emission[], from: number, to: number): number => {
  let longest = 0
  for (const [index, { at }] of emissions.entries())
    if (at >= from && at < to) longest = Math.max(longest, (emissions[index + 1]?.at ?? at) - at)
  const before = emissions.findLast(({ at }) => at < from)
  const next = emissions.find(({ at }) => at >= from)
  return before && next ? Math.max(longest, next.at - before.at) : longest
}
