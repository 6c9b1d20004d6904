import type { SyncError } from '../errors.js'
import type { Clock } from '../rate/clock.js'
import { wrap } from '../wrap.js'
import type { Answer, Happening, Keeper } from './keeper.js'

export type CallsOptions = {
  keeper: Pick<Keeper, 'call'>
  clock: Clock
  /** Decides the jitter of retries. */
  random: () => number
  onAnswer: (answer: Answer) => void
  /** The ledger cannot be reached, or can be again; once each time. */
  onLost: (error: SyncError) => void
  onFound: () => void
}

/** What a process asks of a keeper: how far away that is, and whether it is there. */
export type Calls = {
  /** Does something with the ledger. Whoever it rejects for says so by `failed`, where that matters. */
  call(happening: Happening): Promise<Answer>
  /** Notes a failure: how long to wait before the next call, in milliseconds. */
  failed(error: unknown): number
  isLost(): boolean
  /** The distance of the last answers. */
  roundTripMs(): number
}

/** While the ledger cannot be reached. */
const [retryMs, mostRetryMs] = [100, 1_000]

/** Nothing is known of the keeper yet. */
export const openCalls = ({ keeper, clock, random, onAnswer, onLost, onFound }: CallsOptions): Calls => {
  let failures = 0
  let roundTripMs = 0
  return {
    async call(happening) {
      const askedAt = clock.now()
      const answer = await keeper.call(happening)
      const took = clock.now() - askedAt
      // What a loaded moment takes is no distance.
      roundTripMs = roundTripMs === 0 ? took : Math.min(took, roundTripMs * 1.05 + 0.01)
      if (failures > 0) onFound()
      failures = 0
      onAnswer(answer)
      return answer
    },
    failed(error) {
      if (failures === 0) onLost(wrap(error))
      const ms = Math.min(mostRetryMs, retryMs * 2 ** failures)
      failures++
      return ms * (0.5 + random() / 2)
    },
    isLost: () => failures > 0,
    roundTripMs: () => roundTripMs,
  }
}
