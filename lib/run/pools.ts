import type { Halt } from '../flow/halt.js'
import type { Observer } from '../observer.js'
import type { ResolvedOptions } from '../options/resolve.js'
import { type OwnPool, openPool } from '../rate/open-pool.js'
import type { RatePool } from '../rate/pool.js'
import { openOriginPools } from './origin-pools.js'

type PoolContext = { halt: Halt; observe: Observer | undefined }

/** The budget of the run, and those of single origins. */
export const openPools = async (
  options: ResolvedOptions,
  shared: RatePool | undefined,
  context: PoolContext,
) => {
  const ofRun = shared ? borrow(shared) : await ownPool(options, context)
  const ofOrigins = await openOriginPools(options, context).catch(async error => {
    await ofRun.close()
    throw error
  })
  return {
    ...ofRun,
    originPools: ofOrigins.pools,
    async close() {
      // The run's own may be the one that serves all others of this machine.
      await ofOrigins.leave().finally(ofRun.close)
    },
  }
}

const ownPool = async (options: ResolvedOptions, context: PoolContext): Promise<Borrowed> => {
  if (options.pool === undefined) return own(openPool(options))
  // Not at the top: few runs share their budget with other processes.
  const { openJoinedPool } = await import('./open-joined-pool.js')
  const pool = await openJoinedPool({ ...options, pool: options.pool }, context)
  return { ...own(pool), close: pool.leave }
}

type Borrowed = { pool: RatePool; highestRate(): number; close(): Promise<void> }

const own = (pool: OwnPool): Borrowed => ({
  pool,
  highestRate: pool.highestRate,
  close: async () => pool.close(),
})

/** A pool that does not remember its highest rate is asked at the start and in the end. */
const borrow = (pool: RatePool & Partial<Pick<OwnPool, 'highestRate'>>): Borrowed => {
  const rateAtStart = pool.rate()
  const highestRate = () => Math.max(rateAtStart, pool.rate(), pool.highestRate?.() ?? 0)
  return { pool, highestRate, async close() {} }
}
