import { type OwnPool, openPool } from './open-pool.js'
import type { Grant, RatePool } from './pool.js'
import type { Timetable } from './timetable.js'

/** What one origin may take at most. */
export type OriginLimit = {
  readonly bwlimit?: Timetable
  /** Requests per second. */
  readonly tpslimit?: number
  readonly segment?: number | 'auto' | 'off'
}

export type OriginLimitsOptions = {
  /** The budget of all. */
  pool: RatePool
  limits: ReadonlyMap<string, OriginLimit>
  /** Size of a paced range where an origin has none of its own. */
  segment: number | 'auto' | 'off'
  /** Opens the budget of one origin. */
  open?: (limit: Parameters<typeof openPool>[0]) => OwnPool
}

/**
 * A pool in which some origins have a budget of their own besides that of all. What an origin's own budget has to be waited
 * for is not taken from the common one before, so that nobody else waits for it. `close` leaves `pool` open.
 */
export const originLimits = ({ pool, limits, segment, open = openPool }: OriginLimitsOptions): RatePool => {
  const opened = new Map<string, OwnPool>()

  const own = (origin: string): OwnPool | undefined => {
    const limit = limits.get(origin)
    if (!limit?.bwlimit && !limit?.tpslimit) return undefined
    const { bwlimit = uncapped, tpslimit = Number.POSITIVE_INFINITY } = limit
    const found = opened.get(origin) ?? open({ bwlimit, tpslimit, segment: limit.segment ?? segment })
    opened.set(origin, found)
    return found
  }

  const grantOfBoth = async (first: OwnPool, ...asked: Parameters<RatePool['grant']>) => {
    const of = await first.grant(...asked)
    if (!of) return undefined
    const all = await pool.grant(...asked).catch(reason => {
      of.settle(nothing)
      throw reason
    })
    if (all) return both(of, all)
    of.settle(nothing)
    return undefined
  }

  return {
    grant(cost, claimant) {
      const first = own(claimant.origin)
      return first ? grantOfBoth(first, cost, claimant) : pool.grant(cost, claimant)
    },
    hold(origin, ms) {
      own(origin)?.hold(origin, ms)
      pool.hold(origin, ms)
    },
    heldFor: origin => Math.max(pool.heldFor(origin), own(origin)?.heldFor(origin) ?? 0),
    async released(origin, signal) {
      await Promise.all([pool.released(origin, signal), own(origin)?.released(origin, signal)])
    },
    rate: origin =>
      Math.min(pool.rate(), (origin !== undefined && own(origin)?.rate()) || Number.POSITIVE_INFINITY),
    mayCap: origin => pool.mayCap() || (origin !== undefined && own(origin)?.mayCap() === true),
    requestRate: origin =>
      Math.min(
        pool.requestRate(),
        (origin !== undefined && own(origin)?.requestRate()) || Number.POSITIVE_INFINITY,
      ),
    close() {
      for (const each of opened.values()) each.close()
    },
  }
}

const both = (first: Grant, second: Grant): Grant => ({
  settle(actual) {
    first.settle(actual)
    second.settle(actual)
  },
})

/** What is not asked for does not arrive. */
const nothing = { requests: 0, bytes: 0 }

const uncapped: Timetable = { rateAt: () => Number.POSITIVE_INFINITY, nextChange: () => undefined }
