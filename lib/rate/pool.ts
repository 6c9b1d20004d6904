import { demandAmount } from '../demand-amount.js'
import { savingsBytes } from './base-segment.js'
import { bucket } from './bucket.js'
import { type Clock, sleep, systemClock } from './clock.js'
import { fairQueue } from './fair-queue.js'
import type { Claimant, Cost, Grant, RatePool } from './rate-pool.js'

export type { Claimant, Cost, Grant, RatePool }

/** The limits of a pool. */
export type LocalPoolOptions = {
  /** Infinity, or nothing, for no cap. */
  bytesPerSecond?: number
  /** Infinity, or nothing, for no limit. */
  requestsPerSecond?: number
  /** Bytes that an idle pool saves up at a rate; by default 10 ms of it. */
  burstBytes?: (bytesPerSecond: number) => number
  /** Time as the pool sees it: a test puts one that it moves in the place of the system's. */
  clock?: Clock
  /** Decides the jitter of a hold. */
  random?: () => number
}

/** So that not all who were told the same moment come back at it. */
const mostJitterMs = 1000

type Waiter = { cost: Cost; claimant: Claimant; resolve: (grant: Grant | undefined) => void }

/** A pool whose rate can be changed. */
export type LocalPool = RatePool & {
  /** Caps at another rate from now on; what was granted stays granted. */
  setRate(bytesPerSecond: number): void
}

/** The pool of one process, with nothing saved up yet; throws ERR_OPTION for limits that are no numbers above 0. */
export const localPool = ({
  bytesPerSecond = Number.POSITIVE_INFINITY,
  requestsPerSecond = Number.POSITIVE_INFINITY,
  burstBytes = savingsBytes,
  clock = systemClock,
  random = Math.random,
}: LocalPoolOptions = {}): LocalPool => {
  demandAmount('bytesPerSecond', bytesPerSecond)
  demandAmount('requestsPerSecond', requestsPerSecond)
  const now = clock.now()
  const bytes = bucket({ rate: bytesPerSecond, burst: burstBytes(bytesPerSecond), now })
  const requests = bucket({ rate: requestsPerSecond, burst: 1, now })
  const queue = fairQueue<Waiter>()
  const holds = new Map<string, number>()
  let rate = bytesPerSecond
  // The share of the budget that a cost takes: that of the dimension it takes most of (dominant resource fairness).
  const share = (cost: Cost): number => Math.max(cost.bytes / rate, cost.requests / requestsPerSecond)
  let cancelTimer = () => {}

  const heldFor = (origin: string): number => {
    const until = holds.get(origin)
    if (until === undefined) return 0
    const left = until - clock.now()
    if (left <= 0) holds.delete(origin)
    return Math.max(0, left)
  }

  const grantFor = ({ cost, claimant }: Pick<Waiter, 'cost' | 'claimant'>): Grant => ({
    settle({ bytes: arrived, requests: made = cost.requests }) {
      bytes.put(cost.bytes - arrived)
      requests.put(cost.requests - made)
      queue.charge(claimant.origin, share({ bytes: arrived, requests: made }) - share(cost))
      if (queue.size > 0) serve()
    },
  })

  /** Serves everyone whose turn has come and sets the timer for the next one. */
  const serve = (): void => {
    cancelTimer()
    for (;;) {
      const waiter = queue.head()
      if (!waiter) return
      const at = clock.now()
      const wait = Math.max(bytes.wait(waiter.cost.bytes, at), requests.wait(waiter.cost.requests, at))
      if (wait > 0) {
        cancelTimer = clock.after(wait, serve)
        return
      }
      bytes.take(waiter.cost.bytes, at)
      requests.take(waiter.cost.requests, at)
      queue.serve(waiter.claimant.origin, waiter)
      waiter.resolve(grantFor(waiter))
    }
  }

  const isOpen = (): boolean =>
    rate === Number.POSITIVE_INFINITY && requestsPerSecond === Number.POSITIVE_INFINITY

  return {
    grant(cost, claimant) {
      const { origin, signal } = claimant
      if (signal.aborted) return Promise.reject(signal.reason)
      if (cost.requests > 0 && heldFor(origin) > 0) return heldGrant
      if (isOpen()) return openGrant
      return new Promise((resolve, reject) => {
        const leave = () => {
          queue.drop(origin, waiter)
          reject(signal.reason)
          serve()
        }
        const waiter: Waiter = {
          cost,
          claimant,
          resolve(grant) {
            signal.removeEventListener('abort', leave)
            resolve(grant)
          },
        }
        signal.addEventListener('abort', leave, { once: true })
        if (queue.size === 0) {
          bytes.rest(clock.now())
          requests.rest(clock.now())
        }
        queue.push(origin, waiter, share(cost))
        serve()
      })
    },
    hold(origin, ms) {
      const jitter = random() * Math.min(ms / 10, mostJitterMs)
      holds.set(origin, Math.max(holds.get(origin) ?? 0, clock.now() + ms + jitter))
      for (const waiter of queue.waiting(origin))
        if (waiter.cost.requests > 0) {
          queue.drop(origin, waiter)
          waiter.resolve(undefined)
        }
      serve()
    },
    heldFor,
    async released(origin, signal) {
      for (let ms = heldFor(origin); ms > 0; ms = heldFor(origin)) await sleep(ms, { clock, signal })
    },
    rate: () => rate,
    mayCap: () => rate !== Number.POSITIVE_INFINITY,
    requestRate: () => requestsPerSecond,
    setRate(next) {
      demandAmount('bytesPerSecond', next)
      // What has accrued for who waits stays, as well as what an idle pool may save.
      const waiter = queue.head()
      if (waiter) bytes.wait(waiter.cost.bytes, clock.now())
      rate = next
      bytes.setRate(next, burstBytes(next), clock.now())
      serve()
    },
    close: () => cancelTimer(),
  }
}

/** Without a limit there is nothing to wait for and nothing to settle. */
const openGrant: Promise<Grant> = Promise.resolve({ settle() {} })

const heldGrant: Promise<undefined> = Promise.resolve(undefined)
