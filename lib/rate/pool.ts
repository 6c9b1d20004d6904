import { bucket } from './bucket.js'
import { type Clock, sleep, systemClock } from './clock.js'
import { fairQueue } from './fair-queue.js'

/** What something costs before it is done, in every dimension a limit can have. */
export type Cost = {
  requests: number
  /** TCP payload that will arrive, as well as it can be told. */
  bytes: number
  /** Weighted units of a provider's quota. */
  units?: number
}

export type Claimant = {
  /** Grants are first come, first served within an origin and equal in bytes between origins. */
  origin: string
  /** Whose share it is, in pools that many users draw on. */
  user?: string
  /** Ends the waiting with the signal's reason. */
  signal: AbortSignal
}

/** Permission to let `cost` arrive. */
export type Grant = {
  /** Tells what really arrived, once it is known; the pool makes up for the difference. */
  settle(actual: { bytes: number }): void
}

/** One budget that everything which may cross the link is taken from. Whoever asks need not know where the budget is kept. */
export type RatePool = {
  /**
   * Resolves when all of `cost` has accrued: only then may it be asked for. Undefined for a request to an origin that is held,
   * or comes to be while it waits: nothing is taken from the budget for it until it is asked for again.
   */
  grant(cost: Cost, claimant: Claimant): Promise<Grant | undefined>
  /** No request to `origin` is granted for `ms` from now (Retry-After); bodies on their way still are. A longer hold wins. */
  hold(origin: string, ms: number): void
  /** Milliseconds until `origin` may be asked again; 0 when it may. */
  heldFor(origin: string): number
  /** Resolves when `origin` may be asked again; rejects with the signal's reason. */
  released(origin: string, signal: AbortSignal): Promise<void>
  /** Bytes per second that hold now, for one origin where it is named; Infinity without a cap. */
  rate(origin?: string): number
  /** Whether there is a cap now or may be one later, for one origin where it is named. */
  mayCap(origin?: string): boolean
  /** Ends its timers; what waits stays waiting for its signal. */
  close(): void
}

export type LocalPoolOptions = {
  /** Bytes per second; Infinity for no cap. */
  bytesPerSecond: number
  requestsPerSecond: number
  /** Bytes that an idle pool saves up at a rate. */
  burstBytes: (bytesPerSecond: number) => number
  clock?: Clock
  /** Decides the jitter of a hold. */
  random?: () => number
}

/** So that not all who were told the same moment come back at it. */
const mostJitterMs = 1000

type Waiter = { cost: Cost; claimant: Claimant; resolve: (grant: Grant | undefined) => void }

/** The pool of one process. `setRate` is for timetables. */
export const localPool = ({
  bytesPerSecond,
  requestsPerSecond,
  burstBytes,
  clock = systemClock,
  random = Math.random,
}: LocalPoolOptions): RatePool & { setRate(bytesPerSecond: number): void } => {
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
    settle({ bytes: actual }) {
      const more = actual - cost.bytes
      bytes.put(-more)
      queue.charge(claimant.origin, more / rate)
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
    setRate(next) {
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
