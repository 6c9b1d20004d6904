import type { Halt } from '../flow/halt.js'
import type { Observer } from '../observer.js'
import { type OriginOptions, whatNeedsPool } from '../options/origins.js'
import type { ResolvedOptions } from '../options/resolve.js'
import type { RatePool } from '../rate/pool.js'
import { uncapped } from '../rate/timetable.js'
import type { JoinOptions, openJoinedPool } from './open-joined-pool.js'

/** Budgets of single origins that other processes draw on, too. */
export type OriginPools = {
  readonly pools: ReadonlyMap<string, RatePool>
  /** Gives back what was not used. */
  leave(): Promise<void>
}

export type OriginPoolsOptions = {
  halt: Halt
  observe: Observer | undefined
  open?: typeof openJoinedPool
}

/** The pools that sections of `origins` name, joined; rejects with ERR_POOL where one of them cannot be. */
export const openOriginPools = async (
  run: ResolvedOptions,
  { halt, observe, open }: OriginPoolsOptions,
): Promise<OriginPools> => {
  const joined = new Map<string, Awaited<ReturnType<typeof openJoinedPool>>>()
  const leave = async (): Promise<void> => {
    // The first may be the one that serves the others.
    for (const pool of [...joined.values()].reverse()) await pool.leave()
  }
  try {
    for (const [origin, section] of run.origins) {
      if (whatNeedsPool(section) === undefined) continue
      // Not at the top: few runs share anything with other processes.
      const join = open ?? (await import('./open-joined-pool.js')).openJoinedPool
      joined.set(origin, await join(toJoin(origin, section, run), { halt, observe }))
    }
  } catch (error) {
    await leave()
    throw error
  }
  return { pools: joined, leave }
}

const off = Number.POSITIVE_INFINITY

/** Limits are the section's own; where the pool is and whose share it is can be those of the run. */
const toJoin = (origin: string, section: OriginOptions, run: ResolvedOptions): JoinOptions => ({
  bwlimit: uncapped,
  tpslimit: off,
  userBwlimit: off,
  userTpslimit: off,
  quotaZone: run.quotaZone,
  poolUser: run.poolUser,
  poolWeight: run.poolWeight,
  poolLost: run.poolLost,
  retryAfterMax: run.retryAfterMax,
  pushBack: 'pool',
  ...section,
  quota: section.quota,
  poolName: section.poolName ?? section.provider ?? nameOf(origin),
  // Options without any are refused.
  pool: section.pool ?? run.pool ?? '',
})

/** Names go into keys and paths. */
const nameOf = (origin: string): string => new URL(origin).host.replace(/[^\w.@-]/g, '_').slice(0, 100)
