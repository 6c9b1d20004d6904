import { SyncError } from '../errors.js'
import { longestUs } from '../ledger/push-back.js'
import type { ClockTerms } from '../ledger/terms.js'
import { readOption } from '../options/read-option.js'
import { table } from '../options/table.js'
import type { Keeper, OpenKeeper, Status } from '../pool/keeper.js'
import { clocksOf, noRates } from '../pool/limits.js'
import { openKeeper, shownUrl } from '../pool/open-keeper.js'
import { formatDuration } from '../units.js'

export type { Status as PoolStatus } from '../pool/keeper.js'

/** An operator's hand on a pool; what it does takes effect on every process at once. */
export type PoolOperator = {
  /** Which one it is, for people. */
  readonly title: string
  status(): Promise<Status>
  /** Nobody is granted anything for `ms`, or nobody of one user. */
  pause(ms: number, user?: string): Promise<void>
  resume(user?: string): Promise<void>
  /** These limits hold from now on, whatever processes were started with; what is not named stays theirs. Without any, all their own hold again. */
  set(limits?: { bytesPerSecond?: number; requestsPerSecond?: number }): Promise<void>
  close(): Promise<void>
}

/** The pool `name` at `url`; throws ERR_OPTION for what can be none, and rejects with ERR_POOL where it cannot be reached. */
export const operatePool = (url: string, name: string): Promise<PoolOperator> =>
  operate(openKeeper, url, name)

/** The same, where `open` opens what keeps its ledger. */
export const operate = async (open: OpenKeeper, url: string, name: string): Promise<PoolOperator> => {
  const keeper = await open(readOption(table.pool, 'URL', url), readOption(table.poolName, 'NAME', name))
  const userOf = (user: string | undefined) =>
    user === undefined ? {} : { user: readOption(table.poolUser, '--user', user) }
  const call = async (happening: Parameters<Keeper['call']>[0]): Promise<void> => {
    await keeper.call(happening)
  }
  return {
    title: `pool ${name} at ${shownUrl(url)}`,
    status: keeper.status,
    async pause(ms, user) {
      if (!(ms > 0 && ms * 1000 <= longestUs))
        throw new SyncError(
          'ERR_OPTION',
          `--for: expected a duration above 0 and of at most 31 days, got ${formatDuration(ms)}`,
        )
      return call({ kind: 'pause', us: Math.round(ms * 1000), cut: false, ...userOf(user) })
    },
    resume: async user => call({ kind: 'resume', ...userOf(user) }),
    set: limits => call({ kind: 'set', ...(limits && { pool: clocksFor(limits) }) }),
    close: keeper.close,
  }
}

const clocksFor = (limits: { bytesPerSecond?: number; requestsPerSecond?: number }): ClockTerms[] => {
  const isNamed = { bytes: limits.bytesPerSecond, requests: limits.requestsPerSecond, units: undefined }
  return clocksOf({ ...noRates, ...limits }).filter(({ of }) => isNamed[of] !== undefined)
}
