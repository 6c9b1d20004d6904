/** Where a moment of the ledger falls on the clock of this process. */
export type LedgerTime = {
  /** Notes that the ledger said `now` (microseconds) in an answer that arrived at `at` (milliseconds of this process). */
  note(now: number, at: number): void
  /** Milliseconds of this process at which the ledger's clock shows `us`, never early. */
  local(us: number): number
  /** The ledger's clock (microseconds) at `at`, never late. */
  ledger(at: number): number
  /** The ledger was made anew, and counts from another moment. */
  forget(): void
}

/** Clocks drift apart by less than a guard allows in this time. */
const windowMs = 5_000

/**
 * An answer takes its time: what the ledger said lies in the past when it is heard, so that the shortest way of the last seconds is nearest
 * to the truth, and none maps a moment too early.
 */
export const ledgerTime = (): LedgerTime => {
  let since = Number.NEGATIVE_INFINITY
  let current = Number.POSITIVE_INFINITY
  let previous = Number.POSITIVE_INFINITY
  const offset = (): number => {
    const least = Math.min(current, previous)
    return least === Number.POSITIVE_INFINITY ? 0 : least
  }
  return {
    note(now, at) {
      if (at - since > windowMs) {
        previous = at - since > 2 * windowMs ? Number.POSITIVE_INFINITY : current
        current = Number.POSITIVE_INFINITY
        since = at
      }
      current = Math.min(current, at - now / 1000)
    },
    local: us => us / 1000 + offset(),
    ledger: at => Math.floor((at - offset()) * 1000),
    forget() {
      since = Number.NEGATIVE_INFINITY
      current = Number.POSITIVE_INFINITY
      previous = Number.POSITIVE_INFINITY
    },
  }
}
