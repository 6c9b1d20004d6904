/** Bytes of the bodies of one attempt, whatever ranges they come in, and the milliseconds they took, since the rate was judged last. */
export type RateWindow = { bytes: number; ms: number }

/** What settling one entry has cost so far, and its place among those in flight. */
export type Work = {
  /** TCP payload that arrived for it. */
  received: number
  /** Attempts at its body. */
  attempts: number
  /** Milliseconds in which it was served, waited for the origin or backed off: its share of `--max-time`. */
  activeMs: number
  /** What the rate of the attempt is judged by next. */
  window: RateWindow
  readonly startedAt: number
  /** Whether the slot is kept for now, whatever is waited for: others wait for this one. */
  keepsSlot: boolean
  /** Gives the entry's slot to another while `wait` lasts. */
  rest<T>(wait: () => Promise<T>): Promise<T>
}

export const newWindow = (): RateWindow => ({ bytes: 0, ms: 0 })

/** Work that holds no slot: for a stage that is used on its own. */
export const newWork = (rest: Work['rest'] = wait => wait()): Work => new EntryWork(rest)

/** A class, as there is one for every entry. */
class EntryWork implements Work {
  received = 0
  attempts = 0
  activeMs = 0
  window = newWindow()
  readonly startedAt = performance.now()
  keepsSlot = false
  readonly #rest: Work['rest']

  constructor(rest: Work['rest']) {
    this.#rest = rest
  }

  rest<T>(wait: () => Promise<T>): Promise<T> {
    return this.keepsSlot ? wait() : this.#rest(wait)
  }
}

/** The work that a stage is called with. Used on its own it has none: a chain may hand it the encoding of the chunk there. */
export const workOf = (given: unknown): Work => (isWork(given) ? given : newWork())

const isWork = (given: unknown): given is Work => typeof given === 'object' && given !== null

/** A further attempt at the body, whose rate is judged anew. */
export const beginAttempt = (work: Work): void => {
  work.attempts++
  work.window = newWindow()
}
