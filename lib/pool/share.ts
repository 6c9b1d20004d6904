import { type CostVector, nothing, plus } from '../ledger/terms.js'
import type { Clock } from '../rate/clock.js'
import { localPool } from '../rate/pool.js'
import type { Grant } from '../rate/rate-pool.js'
import type { Rates } from './limits.js'

export type ShareOptions<Waiter extends { readonly cost: CostVector }> = {
  /** What the pool may have, and what one user may. */
  rates: Rates
  user: Rates
  /** How many shared it. */
  actors: number
  clock: Clock
  /** Whose turn it is; undefined where nobody waits. */
  head: () => Waiter | undefined
  /** Gives somebody a grant; whether it was still waited for. */
  serve: (waiter: Waiter, grant: Grant) => boolean
}

/** What one process goes on with while the ledger is lost. */
export type Share = {
  /** Somebody waits. */
  wake(): void
  /** The pool is capped at another rate from now on. */
  setRate(bytesPerSecond: number): void
  /** What was granted, which no quota has counted. */
  granted(): CostVector
  /** Grants nothing more; who waits goes on waiting. */
  close(): void
}

/** One part of as many as there were; undefined where nothing limits how fast: what only a quota limits cannot be shared without the ledger. */
export const openShare = <Waiter extends { readonly cost: CostVector }>({
  rates,
  user,
  actors,
  clock,
  head,
  serve,
}: ShareOptions<Waiter>): Share | undefined => {
  // Of the processes none knows how many are of one user: as if all were.
  const shareOf = (all: number, own: number): number => Math.min(all, own) / actors
  const bytesPerSecond = shareOf(rates.bytesPerSecond, user.bytesPerSecond)
  const requestsPerSecond = shareOf(rates.requestsPerSecond, user.requestsPerSecond)
  const unitsPerSecond = shareOf(rates.unitsPerSecond, user.unitsPerSecond)
  if (Math.min(bytesPerSecond, requestsPerSecond, unitsPerSecond) === Number.POSITIVE_INFINITY)
    return undefined
  const pool = localPool({ bytesPerSecond, requestsPerSecond, unitsPerSecond, clock })
  const ended = new AbortController()
  let granted = nothing
  let isServing = false

  /** One after the other: those behind are still there for the ledger when it is back. */
  const serveAll = async (): Promise<void> => {
    for (let next = head(); next; next = head()) {
      const grant = await pool.grant(next.cost, { origin: '', signal: ended.signal }).catch(() => undefined)
      if (!grant || ended.signal.aborted) return
      if (serve(next, grant)) granted = plus(granted, next.cost)
      else grant.settle({ requests: 0, bytes: 0 })
    }
  }

  return {
    wake() {
      if (isServing || ended.signal.aborted) return
      isServing = true
      void serveAll().finally(() => {
        isServing = false
      })
    },
    setRate: next => pool.setRate(shareOf(next, user.bytesPerSecond)),
    granted: () => granted,
    close() {
      ended.abort()
      pool.close()
    },
  }
}
