import { type OwnPool, openPool } from './open-pool.js'
import type { Grant, RatePool } from './pool.js'
import { type Timetable, uncapped } from './timetable.js'

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
  /** Budgets of single origins that others draw on, too: what is said of such an origin is said to its own. */
  joined?: ReadonlyMap<string, RatePool>
  /** Size of a paced range where an origin has none of its own. */
  segment: number | 'auto' | 'off'
  /** Opens the budget of one origin. */
  open?: (limit: Parameters<typeof openPool>[0]) => OwnPool
  /** Milliseconds that never run backwards. */
  now?: () => number
}

/** So long a slot of the common pool may be kept waiting for one of an origin's own. */
const longestMs = 1_000

/**
 * A pool in which some origins have a budget of their own besides that of all. What an origin's own budget has to be waited
 * for is not taken from the common one before, so that nobody else waits for it; but where others share it, whose slots pass.
 * `close` leaves `pool` and what is joined open.
 */
export const originLimits = ({
  pool,
  limits,
  joined = new Map(),
  segment,
  open = openPool,
  now = () => performance.now(),
}: OriginLimitsOptions): RatePool => {
  const opened = new Map<string, OwnPool>()

  const own = (origin: string): RatePool | undefined => joined.get(origin) ?? ownOfProcess(origin)

  const ownOfProcess = (origin: string): OwnPool | undefined => {
    const limit = limits.get(origin)
    if (!limit?.bwlimit && !limit?.tpslimit) return undefined
    const { bwlimit = uncapped, tpslimit = Number.POSITIVE_INFINITY } = limit
    const found = opened.get(origin) ?? open({ bwlimit, tpslimit, segment: limit.segment ?? segment })
    opened.set(origin, found)
    return found
  }

  const grantOfBoth = (first: RatePool, ...asked: Parameters<RatePool['grant']>) =>
    joined.has(asked[1].origin) ? commonFirst(first, ...asked) : ownFirst(first, ...asked)

  const ownFirst = async (first: RatePool, ...asked: Parameters<RatePool['grant']>) => {
    const of = await first.grant(...asked)
    const all = of && (await orGiveBack(of, pool.grant(...asked)))
    return of && all && both(of, all)
  }

  /** A slot that others count on as well passes: what is common has to be there before it. */
  const commonFirst = async (first: RatePool, ...asked: Parameters<RatePool['grant']>) => {
    for (;;) {
      const all = await pool.grant(...asked)
      const grantedAt = now()
      const of = all && (await orGiveBack(all, first.grant(...asked)))
      if (!of || !all) return undefined
      if (!pool.hasSlots?.() || now() - grantedAt <= longestMs) return both(of, all)
      // Both are slots, and what is common was kept waiting, by a pause: not all who were may go on at once.
      for (const grant of [of, all]) grant.settle(nothing)
    }
  }

  /** What comes of `asking`; where that is nothing, `granted` is given back. */
  const orGiveBack = async (
    granted: Grant,
    asking: Promise<Grant | undefined>,
  ): Promise<Grant | undefined> => {
    const other = await asking.catch(reason => {
      granted.settle(nothing)
      throw reason
    })
    if (!other) granted.settle(nothing)
    return other
  }

  return {
    grant(cost, claimant) {
      const first = own(claimant.origin)
      return first ? grantOfBoth(first, cost, claimant) : pool.grant(cost, claimant)
    },
    hold(origin, ms) {
      own(origin)?.hold(origin, ms)
      // It may hold up one user of an origin: the others need not wait with that one.
      if (!joined.has(origin)) pool.hold(origin, ms)
    },
    pushBack: origin => own(origin)?.pushBack?.(origin),
    hasSlots: origin =>
      pool.hasSlots?.() === true || (origin !== undefined && joined.get(origin)?.hasSlots?.(origin) === true),
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
