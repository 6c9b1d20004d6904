import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { SyncError } from '../errors.js'
import type { Halt } from '../flow/halt.js'
import type { Observer } from '../observer.js'
import type { ResolvedOptions } from '../options/resolve.js'
import { joinedPool } from '../pool/joined-pool.js'
import type { Keeper } from '../pool/keeper.js'
import type { PoolLimits } from '../pool/limits.js'
import { openKeeper, shownUrl } from '../pool/open-keeper.js'
import { sleep, systemClock } from '../rate/clock.js'
import { followTimetable } from '../rate/follow-timetable.js'
import type { OwnPool } from '../rate/open-pool.js'
import { wrap } from '../wrap.js'

export type OpenJoinedPoolOptions = {
  /** Ended where the pool ends the run; ends the wait for it. */
  halt: Halt
  observe: Observer | undefined
  /** Opens where the ledger is kept. */
  open?: (url: string, name: string) => Promise<Keeper>
  patienceMs?: number
}

/** How long a ledger is waited for at the start of a run. */
const patienceMs = 10_000

/** The budget that `options.pool` names, joined; rejects with ERR_POOL where that cannot be. `leave` gives back what was not used. */
export const openJoinedPool = async (
  options: ResolvedOptions & { pool: string },
  { halt, observe = () => {}, open = openKeeper, ...wait }: OpenJoinedPoolOptions,
): Promise<OwnPool & { leave(): Promise<void> }> => {
  const { bwlimit, poolLost, poolUser, poolWeight, retryAfterMax } = options
  const where = `pool ${options.poolName} at ${shownUrl(options.pool)}`
  const changes = bwlimit.nextChange(new Date()) !== undefined
  let highest = bwlimit.rateAt(new Date())

  const onSpent: Parameters<typeof joinedPool>[0]['onSpent'] = ({ of, limit, period }, resumeAt) => {
    if (resumeAt.getTime() - Date.now() <= retryAfterMax) return
    const message = `the quota of ${limit} ${of} is used up for ${period}, until ${resumeAt.toISOString()}`
    halt.stop(new SyncError('ERR_QUOTA', message, { resumeAt: resumeAt.toISOString() }))
  }

  const join = async () => {
    const keeper = await open(options.pool, options.poolName)
    const pool = joinedPool({
      keeper,
      limits: limitsOf(options, highest),
      ...(changes && bwlimit.text !== undefined && { timetable: bwlimit.text }),
      actor: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
      user: poolUser,
      weight: poolWeight,
      whenLost: poolLost,
      onLost: ({ message }) => observe({ event: 'pool-lost', message: `the ${where} is lost: ${message}` }),
      onFound: () => observe({ event: 'pool-found', message: `the ${where} is back` }),
      onSpent,
      onRefused: halt.stop,
    })
    try {
      await pool.join()
    } catch (error) {
      await keeper.close()
      throw error
    }
    return { keeper, pool }
  }

  const { keeper, pool } = await insist(join, { halt, where, patienceMs, ...wait })
  const setRate = (rate: number) => {
    highest = Math.max(highest, rate)
    pool.setRate(rate)
  }
  const unfollow = followTimetable({ timetable: bwlimit, setRate, clock: systemClock })
  return {
    ...pool,
    mayCap: () => changes || pool.mayCap(),
    highestRate: () => highest,
    async leave() {
      unfollow()
      await pool.leave()
      await keeper.close()
    },
  }
}

/** Tries again while that may help, and there is time. */
const insist = async <T>(
  attempt: () => Promise<T>,
  { halt, where, patienceMs }: { halt: Halt; where: string; patienceMs: number },
): Promise<T> => {
  const until = Date.now() + patienceMs
  for (;;)
    try {
      return await attempt()
    } catch (error) {
      const { code, message, scope } = wrap(error)
      if (scope !== 'attempt') throw error
      if (Date.now() >= until)
        throw new SyncError(
          code === 'ERR_OPTION' ? code : 'ERR_POOL',
          `the ${where} cannot be reached: ${message}`,
        )
      await sleep(250, { clock: systemClock, signal: halt.halted })
    }
}

const limitsOf = (options: ResolvedOptions, bytesPerSecond: number): PoolLimits => ({
  pool: {
    bytesPerSecond,
    requestsPerSecond: options.tpslimit,
    unitsPerSecond: Number.POSITIVE_INFINITY,
  },
  user: {
    bytesPerSecond: options.userBwlimit,
    requestsPerSecond: options.userTpslimit,
    unitsPerSecond: Number.POSITIVE_INFINITY,
  },
  quotas: options.quota ?? [],
  zone: options.quotaZone,
})
