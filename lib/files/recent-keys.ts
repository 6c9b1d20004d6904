export type RecentKeys = {
  add(key: string): void
  /** Whether `key` is among them; it becomes recent by that. */
  has(key: string): boolean
}

/**
 * A set of at most `limit` keys that keeps at least the half of them that were added or asked for last. Two generations
 * rather than one in order: to drop the oldest of a Set, V8 steps over all that were deleted before it.
 */
export const recentKeys = (limit: number): RecentKeys => {
  let young = new Set<string>()
  let old = new Set<string>()

  const add = (key: string): void => {
    young.add(key)
    if (young.size < limit / 2) return
    old = young
    young = new Set()
  }

  return {
    add,
    has(key) {
      if (young.has(key)) return true
      if (!old.has(key)) return false
      add(key)
      return true
    },
  }
}
