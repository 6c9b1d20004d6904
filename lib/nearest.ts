/** The name at the smallest edit distance from `word`, if that is small enough for a slip of the hand. */
export const nearestTo = (word: string, names: readonly string[]): string | undefined => {
  const [nearest] = names
    .map(name => ({ name, distance: editDistance(word, name) }))
    .filter(({ distance, name }) => distance <= Math.max(1, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
  return nearest?.name
}

/** Levenshtein's distance, one row of his table at a time. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      )
    row = next
  }
  return row.at(-1) ?? 0
}
