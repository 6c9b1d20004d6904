/** What settling one entry has cost so far, and its place among those in flight. */
export type Work = {
  /** TCP payload that arrived for it. */
  received: number
  /** Attempts at its body. */
  attempts: number
  /** Milliseconds in which it was served or waited for the origin: its share of `--max-time`. */
  activeMs: number
  readonly startedAt: number
  /** Gives the entry's slot to another while `wait` lasts. */
  rest<T>(wait: () => Promise<T>): Promise<T>
}

/** Work that holds no slot: for a stage that is used on its own. */
export const newWork = (rest: Work['rest'] = wait => wait()): Work => ({
  received: 0,
  attempts: 0,
  activeMs: 0,
  startedAt: performance.now(),
  rest,
})
