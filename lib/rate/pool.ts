import { demandAmount } from '../demand-amount.js'
import { SyncError } from '../errors.js'
import { openLedger } from '../ledger/open-ledger.js'
import type { Operation } from '../ledger/operation.js'
import { step } from '../ledger/step.js'
import { refuseUnknown } from '../refuse-unknown.js'
import { abortable } from './abortable.js'
import { savingsBytes } from './base-segment.js'
import { type Clock, systemClock } from './clock.js'
import { openHolds } from './holds.js'
import { termsOf, vectorOf } from './pool-terms.js'
import type { Claimant, Cost, Grant, RatePool } from './rate-pool.js'

export type { Claimant, Cost, Grant, RatePool }

/** The limits of a pool. */
export type LocalPoolOptions = {
  /** Infinity, or nothing, for no cap. */
  bytesPerSecond?: number
  /** Infinity, or nothing, for no limit. */
  requestsPerSecond?: number
  /** Infinity, or nothing, for no limit of a provider's units. */
  unitsPerSecond?: number
  /** Bytes that an idle pool saves up at a rate; by default 10 ms of it. */
  burstBytes?: (bytesPerSecond: number) => number
  /** Time as the pool sees it: a test puts one that it moves in the place of the system's. */
  clock?: Clock
  /** Decides the jitter of a hold. */
  random?: () => number
}

type Waiter = { actor: string; cost: Cost; claimant: Claimant; resolve: (grant: Grant | undefined) => void }

/** A pool whose rate can be changed. */
export type LocalPool = RatePool & {
  /** Caps at another rate from now on; what was granted stays granted. */
  setRate(bytesPerSecond: number): void
}

/**
 * The pool of one process, with nothing saved up yet: the ledger that shared pools keep as well, with its origins as users, granting when a
 * slot has come and not ahead of it. Throws ERR_OPTION for limits that are no numbers above 0, and for names that are no options.
 */
export const localPool = ({
  bytesPerSecond = Number.POSITIVE_INFINITY,
  requestsPerSecond = Number.POSITIVE_INFINITY,
  unitsPerSecond = Number.POSITIVE_INFINITY,
  burstBytes = savingsBytes,
  clock = systemClock,
  random = Math.random,
  ...others
}: LocalPoolOptions = {}): LocalPool => {
  refuseUnknown(others, [
    'bytesPerSecond',
    'requestsPerSecond',
    'unitsPerSecond',
    'burstBytes',
    'clock',
    'random',
  ])
  demandAmount('bytesPerSecond', bytesPerSecond)
  demandAmount('requestsPerSecond', requestsPerSecond)
  demandAmount('unitsPerSecond', unitsPerSecond)
  const opened = clock.now()
  const state = openLedger()
  const waiters = new Map<string, Waiter>()
  const { hold, heldFor, released } = openHolds({ clock, random })
  const inRequests = { requestsPerSecond, unitsPerSecond }
  let rate = bytesPerSecond
  let terms = termsOf({ bytesPerSecond, ...inRequests }, burstBytes)
  let counted = 0
  let cancelTimer = () => {}

  const now = (): number => (clock.now() - opened) * 1000

  /** Does something with the ledger, serves everyone whose turn has come and sets the timer for the next one. */
  const enter = (operation: Happening): void => {
    cancelTimer()
    const { grants, nextAt } = step(state, Math.round(now()), { ...operation, terms, ...here })
    // Whole microseconds, as the ledger counts: the timer comes in the one that is meant.
    if (nextAt !== undefined) cancelTimer = clock.after(Math.max(0, Math.round(nextAt - now())) / 1000, tick)
    for (const { actor } of grants) {
      const waiter = waiters.get(actor)
      waiters.delete(actor)
      waiter?.resolve(grantFor(waiter))
    }
  }
  const tick = (): void => enter({ kind: 'tick' })

  const grantFor = ({ cost, claimant }: Waiter): Grant => ({
    settle({ bytes, requests = cost.requests }) {
      // Nothing that is no number may get into the sums, where it would stay.
      if (!Number.isFinite(bytes) || !Number.isFinite(requests)) throw noAmount('settle', { bytes, requests })
      const unmade = cost.requests > 0 ? 1 - requests / cost.requests : 0
      const more = { ...vectorOf(cost), bytes: bytes - cost.bytes, requests: requests - cost.requests }
      more.units *= -unmade
      if (more.bytes !== 0 || more.requests !== 0)
        enter({ kind: 'settle', user: claimant.origin, weight: 1, more })
    },
  })

  const leave = ({ actor }: Waiter): void => {
    waiters.delete(actor)
    enter({ kind: 'leave', actor })
  }

  const isOpen = (): boolean => Math.min(rate, requestsPerSecond, unitsPerSecond) === Number.POSITIVE_INFINITY

  // Its clocks begin now, not when somebody asks.
  tick()

  return {
    grant(cost, claimant) {
      const { origin, signal } = claimant
      // Bytes of what is under way need nobody's leave where nothing limits them.
      if (signal.aborted && (cost.requests > 0 || !isOpen())) return Promise.reject(signal.reason)
      if (!isAmount(cost.requests) || !isAmount(cost.bytes) || !isAmount(cost.units ?? 0))
        return Promise.reject(noAmount('grant', cost))
      if (cost.requests > 0 && heldFor(origin) > 0) return heldGrant
      if (isOpen()) return openGrant
      return abortable(signal, resolve => {
        const actor = String(counted++)
        const waiter: Waiter = { actor, cost, claimant, resolve }
        waiters.set(actor, waiter)
        const order = { cost: vectorOf(cost), count: 1, weight: 1, standing: false }
        enter({ kind: 'request', actor, user: origin, order })
        return () => leave(waiter)
      })
    },
    hold(origin, ms) {
      if (!hold(origin, ms)) return
      for (const waiter of [...waiters.values()])
        if (waiter.claimant.origin === origin && waiter.cost.requests > 0) {
          leave(waiter)
          waiter.resolve(undefined)
        }
    },
    heldFor,
    released,
    rate: () => rate,
    mayCap: () => rate !== Number.POSITIVE_INFINITY,
    requestRate: () => requestsPerSecond,
    setRate(next) {
      demandAmount('bytesPerSecond', next)
      rate = next
      terms = termsOf({ bytesPerSecond: rate, ...inRequests }, burstBytes)
      tick()
    },
    close: () => cancelTimer(),
  }
}

const isAmount = (given: number): boolean => Number.isFinite(given) && given >= 0

const noAmount = (what: string, given: object): SyncError =>
  new SyncError(
    'ERR_OPTION',
    `${what}: expected finite amounts, got ${Object.values(given).map(String).join(', ')}`,
  )

type Happening = Operation extends infer Each
  ? Each extends Operation
    ? Omit<Each, 'terms' | 'incarnation' | 'stamp'>
    : never
  : never

/** The state is in this process, and lost with it. */
const here = { incarnation: '', stamp: 0 }

/** Without a limit there is nothing to wait for and nothing to settle. */
const openGrant: Promise<Grant> = Promise.resolve({ settle() {} })

const heldGrant: Promise<undefined> = Promise.resolve(undefined)
