import { setMaxListeners } from 'node:events'
import { joinedPool } from '../../../lib/pool/joined-pool.js'
import type { Keeper } from '../../../lib/pool/keeper.js'
import { noRates } from '../../../lib/pool/limits.js'
import { openKeeper } from '../../../lib/pool/open-keeper.js'
import type { Contestant, ContestantOptions } from './contestant.js'

/** An actor as a run with --pool has it. */
export const sluiceActor = async (options: ContestantOptions): Promise<Contestant> => {
  const { url, name, actor, user, weight, rate, userRate, quota, isDeaf } = options
  const opened = await openKeeper(url, name)
  const calls: number[] = []
  const keeper: Keeper = {
    ...opened,
    async call(happening) {
      const askedAt = performance.now()
      const answer = await opened.call(happening)
      calls.push(performance.now() - askedAt)
      return answer
    },
    listen: isDeaf ? () => () => {} : opened.listen,
  }
  const pool = joinedPool({
    keeper,
    actor,
    user,
    weight,
    limits: {
      pool: { ...noRates, requestsPerSecond: rate },
      user: { ...noRates, requestsPerSecond: userRate ?? Number.POSITIVE_INFINITY },
      quotas: quota === undefined ? [] : [{ of: 'requests', limit: quota, per: 'day' }],
      zone: 'UTC',
    },
    whenLost: 'hold',
    onLost() {},
    onFound() {},
    onSpent() {},
    onRefused(error) {
      throw error
    },
  })
  const { signal } = new AbortController()
  // Each that waits listens to it.
  setMaxListeners(0, signal)
  return {
    join: pool.join,
    calls,
    async draw(act) {
      await pool.grant({ requests: 1, bytes: 0 }, { origin: 'http://origin', user, signal })
      act()
    },
  }
}
