import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { SyncError } from '../../errors.js'
import type { ClockTerms, Dimension, Ledger } from '../../ledger/terms.js'
import { userOf } from '../../ledger/users.js'

/** What of a ledger outlives the process that keeps it. Times are milliseconds since 1970. */
export type Kept = {
  readonly epoch: number
  readonly used: readonly { readonly of: Dimension; readonly period: string; readonly amount: number }[]
  readonly pausedUntil: number
  /** Users that are paused, and until when. */
  readonly paused?: readonly (readonly [user: string, until: number])[] | undefined
  readonly holds: readonly (readonly [origin: string, until: number])[]
  /** What an operator has set, and when. */
  readonly set?: { readonly pool: readonly ClockTerms[]; readonly at: number } | undefined
}

/** What an operator has set holds for so long once nobody keeps the ledger. */
const setLastsMs = 86_400_000

/** What is kept of all pools of a socket, by name. */
export type KeptFile = {
  readonly pools: ReadonlyMap<string, Kept>
  /** Takes what is to be stored. */
  keep(name: string, kept: Kept): void
  /**
   * Stores what was taken, all of it or nothing: a process that is killed forgets nothing of what this has returned for. Returns why
   * it could not be stored, where that is so; it is taken still.
   */
  store(): string | undefined
}

/** Reads the file at `path`; where there is none, nothing is kept. ERR_OPTION where it cannot be read, since what is used of a quota would be forgotten. */
export const openKept = (path: string): KeptFile => {
  const pools = new Map(Object.entries(read(path)))
  let isStored = true
  return {
    pools,
    keep(name, kept) {
      pools.set(name, kept)
      isStored = false
    },
    store() {
      if (isStored) return undefined
      // One process at a time writes it: that of the lock.
      const draft = `${path}.draft`
      try {
        writeFileSync(draft, JSON.stringify({ version: 1, pools: Object.fromEntries(pools) }), {
          mode: 0o600,
        })
        renameSync(draft, path)
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? String(error)
      }
      isStored = true
      return undefined
    },
  }
}

const read = (path: string): Record<string, Kept> => {
  try {
    const { version, pools } = JSON.parse(readFileSync(path, 'utf8'))
    if (version === 1 && Object.values(pools).every(isKept)) return pools
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
  }
  throw new SyncError(
    'ERR_OPTION',
    `pool: expected what is used of quotas in ${path}, got something else: remove it to count anew`,
  )
}

const isKept = (given: unknown): boolean => {
  const { epoch, used, pausedUntil, holds } = (given ?? {}) as Kept
  return (
    Number.isFinite(epoch) &&
    Number.isFinite(pausedUntil) &&
    Array.isArray(holds) &&
    Array.isArray(used) &&
    used.every(({ period, amount }) => typeof period === 'string' && Number.isFinite(amount))
  )
}

/** What of `state` is to be kept; `wallTime` is now, and `setAt` when an operator last set limits. */
export const keptOf = (state: Ledger, { wallTime, setAt }: { wallTime: number; setAt: number }): Kept => {
  const toWallTime = (at: number): number => wallTime + (at - state.now) / 1000
  return {
    epoch: state.epoch,
    used: [...state.used].map(([of, { period, amount }]) => ({ of, period, amount })),
    pausedUntil: toWallTime(state.pausedUntil),
    paused: pausedUsers(state).map(([user, until]) => [user, toWallTime(until)]),
    holds: [...state.holds].map(([origin, until]) => [origin, toWallTime(until)]),
    set: state.set && { pool: state.set, at: setAt },
  }
}

/** Users who are granted nothing yet. */
export const pausedUsers = ({ users, earlier, now }: Ledger): [user: string, until: number][] => {
  const paused = new Map<string, number>()
  for (const [user, { pausedUntil }] of [...earlier, ...users])
    if (pausedUntil > now) paused.set(user, pausedUntil)
  return [...paused]
}

/** Puts what was kept into a ledger at time 0. */
export const restore = (state: Ledger, kept: Kept, wallTime: number): void => {
  const fromWallTime = (at: number): number => Math.max(0, Math.ceil((at - wallTime) * 1000))
  state.epoch = kept.epoch
  for (const { of, period, amount } of kept.used) state.used.set(of, { period, amount })
  state.pausedUntil = fromWallTime(kept.pausedUntil)
  for (const [user, until] of kept.paused ?? [])
    if (until > wallTime) userOf(state, user).pausedUntil = fromWallTime(until)
  for (const [origin, until] of kept.holds) if (until > wallTime) state.holds.set(origin, fromWallTime(until))
  if (kept.set && wallTime - kept.set.at < setLastsMs) state.set = kept.set.pool
}
