import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { SyncError } from '../errors.js'
import { unlessAborted } from '../files/unless-aborted.js'
import type { Halt } from '../flow/halt.js'
import type { Observer } from '../observer.js'
import type { OriginOptions } from '../options/origins.js'
import type { ResolvedOptions } from '../options/resolve.js'
import { joinedPool } from '../pool/joined-pool.js'
import type { OpenKeeper } from '../pool/keeper.js'
import type { PoolLimits } from '../pool/limits.js'
import { openKeeper, shownUrl } from '../pool/open-keeper.js'
import { systemClock } from '../rate/clock.js'
import { followTimetable } from '../rate/follow-timetable.js'
import type { OwnPool } from '../rate/open-pool.js'

/** Where a budget is, what it is, and whose share of it is wanted. */
export type JoinOptions = Pick<
  ResolvedOptions,
  | 'bwlimit'
  | 'tpslimit'
  | 'poolName'
  | 'poolUser'
  | 'poolWeight'
  | 'poolLost'
  | 'userBwlimit'
  | 'userTpslimit'
  | 'quota'
  | 'quotaZone'
  | 'retryAfterMax'
> &
  Pick<OriginOptions, 'unitlimit' | 'userUnitlimit' | 'pushBack'> & { pool: string }

export type OpenJoinedPoolOptions = {
  /** Ended where the pool ends the run; ends the wait for it. */
  halt: Halt
  observe: Observer | undefined
  /** Opens where the ledger is kept. */
  open?: OpenKeeper
}

/** The budget that `options.pool` names, joined; rejects with ERR_POOL where that cannot be. `leave` gives back what was not used. */
export const openJoinedPool = async (
  options: JoinOptions,
  { halt, observe = () => {}, open = openKeeper }: OpenJoinedPoolOptions,
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

  const opening = open(options.pool, options.poolName)
  // Whoever gives up while it is still being opened has no use for it.
  const keeper = await unlessAborted(halt.halted, opening).catch(error => {
    opening.then(late => late.close()).catch(() => {})
    throw error
  })
  const pool = joinedPool({
    keeper,
    limits: limitsOf(options, highest),
    ...(changes && bwlimit.text !== undefined && { timetable: bwlimit.text }),
    actor: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    user: poolUser,
    weight: poolWeight,
    pushBack: options.pushBack ?? 'origin',
    whenLost: poolLost,
    onLost: ({ message }) => observe({ event: 'pool-lost', message: `the ${where} is lost: ${message}` }),
    onFound: () => observe({ event: 'pool-found', message: `the ${where} is back` }),
    onSpent,
    onRefused: halt.stop,
  })
  try {
    await unlessAborted(halt.halted, pool.join())
  } catch (error) {
    pool.close()
    await keeper.close()
    throw error
  }
  const setRate = (rate: number) => {
    highest = Math.max(highest, rate)
    pool.setRate(rate)
  }
  const unfollow = followTimetable({ timetable: bwlimit, setRate, clock: systemClock })
  return {
    ...pool,
    highestRate: () => highest,
    async leave() {
      unfollow()
      await pool.leave()
      await keeper.close()
    },
  }
}

const limitsOf = (options: JoinOptions, bytesPerSecond: number): PoolLimits => ({
  pool: {
    bytesPerSecond,
    requestsPerSecond: options.tpslimit,
    unitsPerSecond: options.unitlimit ?? Number.POSITIVE_INFINITY,
  },
  user: {
    bytesPerSecond: options.userBwlimit,
    requestsPerSecond: options.userTpslimit,
    unitsPerSecond: options.userUnitlimit ?? Number.POSITIVE_INFINITY,
  },
  quotas: options.quota ?? [],
  zone: options.quotaZone,
})
