/** The name at the smallest edit distance from `word`, if that is small enough for a slip of the hand, or `word` says the same at more length. */
export const nearestTo = (word: string, names: readonly string[]): string | undefined => {
  const [nearest] = names
    .map(name => ({ name, distance: editDistance(word, name) }))
    .filter(
      ({ distance, name }) =>
        distance <= (lengthens(word, name) ? name.length : Math.max(1, name.length / 3)),
    )
    .sort((a, b) => a.distance - b.distance)
  return nearest?.name
}

/** Whether a word begins as a name does and has all its letters in their order, as `output` those of `out`. */
const lengthens = (word: string, name: string): boolean => {
  let found = 0
  for (const letter of word) if (letter === name[found]) found++
  return word[0] === name[0] && found === name.length
}

/** Levenshtein's distance, in which two neighbours that changed places are one slip, too; one row of his table at a time. */
const editDistance = (a: string, b: string): number => {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const swapped = a[i] === b[j - 1] && a[i - 1] === b[j] ? before[j - 1] : undefined
      const changed = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(
        Math.min(
          (row[j + 1] ?? 0) + 1,
          (next[j] ?? 0) + 1,
          changed,
          (swapped ?? Number.POSITIVE_INFINITY) + 1,
        ),
      )
    }
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}
