/** Sizes as catalogs have them, many small ones and a few large: log-normal around `median`, the same every time. */
export const mixedSizes = (count: number, median: number): number[] => {
  const random = randomFrom(1)
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.max(1, Math.round(median * Math.exp(normal)))
  })
}

/** Numbers in [0, 1) that look random and are the same for each seed (a linear congruential generator, that of Numerical Recipes). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
