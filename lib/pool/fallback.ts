import { type CostVector, nothing, plus } from '../ledger/terms.js'
import type { Share } from './share.js'

export type FallbackOptions = {
  /** What to go on with; undefined where there is nothing that can be shared without the ledger. */
  begin: () => Share | undefined
  /** Has the ledger count what was granted without it; resolves to whether it heard of it. */
  count: (granted: CostVector) => Promise<boolean>
}

/** Going on without the ledger, in place of waiting for it. */
export type Fallback = {
  /** The ledger is lost. */
  begin(): void
  /** It is there again: what was granted meanwhile is counted as soon as it says what day it is. */
  end(): void
  /** Somebody waits. */
  wake(): void
  /** The pool is capped at another rate from now on. */
  setRate(bytesPerSecond: number): void
  close(): void
}

/** The ledger is there, until it is lost. */
export const openFallback = ({ begin, count }: FallbackOptions): Fallback => {
  let share: Share | undefined
  let uncounted = nothing

  const countAfterwards = async (): Promise<void> => {
    if (share || Math.max(uncounted.requests, uncounted.units, uncounted.bytes) === 0) return
    const counting = uncounted
    uncounted = nothing
    if (!(await count(counting))) uncounted = plus(uncounted, counting)
  }

  return {
    begin() {
      share = begin()
      share?.wake()
    },
    end() {
      uncounted = plus(uncounted, share?.granted() ?? nothing)
      share?.close()
      share = undefined
      queueMicrotask(countAfterwards)
    },
    wake: () => share?.wake(),
    setRate: bytesPerSecond => share?.setRate(bytesPerSecond),
    close: () => share?.close(),
  }
}
