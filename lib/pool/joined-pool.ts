import type { SyncError } from '../errors.js'
import { spacingOf } from '../ledger/clocks.js'
import type { CostVector, QuotaTerms, Terms } from '../ledger/terms.js'
import { abortable } from '../rate/abortable.js'
import { type Clock, systemClock } from '../rate/clock.js'
import { fairQueue } from '../rate/fair-queue.js'
import { openHolds } from '../rate/holds.js'
import { type LocalPool, localPool } from '../rate/pool.js'
import type { Claimant, Cost, Grant, RatePool } from '../rate/rate-pool.js'
import { openAsker } from './asker.js'
import { openCredits } from './credits.js'
import type { Answer, Keeper, Snapshot } from './keeper.js'
import { ledgerTime } from './ledger-time.js'
import { type PoolLimits, wordsOf } from './limits.js'
import { limitsNow } from './limits-now.js'
import { openOrders } from './orders.js'

export type JoinedPoolOptions = {
  keeper: Keeper
  limits: PoolLimits
  /** What is said of the cap, where it is a timetable. */
  timetable?: string
  /** Who asks: unique among all processes. */
  actor: string
  /** Whose share it is. */
  user: string
  weight: number
  /** Without the ledger: wait for it, or go on with the share that this actor had. */
  whenLost: 'hold' | 'share'
  /** The ledger is lost, or there again; once each time. */
  onLost: (error: SyncError) => void
  onFound: () => void
  /** A quota is spent; what waits goes on waiting for the next period. */
  onSpent: (quota: QuotaTerms, resumeAt: Date) => void
  /** The others hold other limits. */
  onRefused: (error: SyncError) => void
  clock?: Clock
  random?: () => number
}

/** A pool that this process shares with others, and whose cap can change. */
export type JoinedPool = RatePool & {
  /** Rejects with ERR_POOL where the ledger cannot be reached, or the others hold other limits. */
  join(): Promise<void>
  setRate(bytesPerSecond: number): void
  /** Gives back what was not used; resolves when the ledger knows, or cannot be told. */
  leave(): Promise<void>
}

type Waiter = {
  readonly cost: CostVector
  readonly claimant: Claimant
  resolve(grant: Grant | undefined): void
}

/** How long after its last waiter an actor is taken to go on. */
const lingerMs = 100

/** The budget that a ledger grants to this process, shared between its origins as that of one process is. */
export const joinedPool = (options: JoinedPoolOptions): JoinedPool => {
  const { keeper, actor, user, weight, clock = systemClock, random = Math.random } = options
  let epoch: number | undefined
  let pausedUntil = 0
  let spent: QuotaTerms | undefined
  let actors = 1
  let lastWaiterAt = Number.NEGATIVE_INFINITY
  let fallback: LocalPool | undefined
  const queue = fairQueue<Waiter>()
  const limits = limitsNow(options.limits)
  const { order, meanCost } = openOrders(weight)
  const { hold, holdUntil, heldFor, released } = openHolds({ clock, random })
  const time = ledgerTime()
  const credits = openCredits({ clock, local: time.local, onDue: () => serve() })

  const terms = (roundTripMs: number): Terms => {
    const lookAhead = Math.round((25 + 3 * roundTripMs) * 1000)
    const pool = limits.pool()
    return {
      pool,
      user: limits.user,
      quotas: limits.quotas(time.ledger(clock.now())),
      lookAhead,
      lead: Math.round((2 + roundTripMs * 0.75) * 1000),
      fence: 100_000 + 2 * lookAhead + Math.round(spacingOf(pool, meanCost(), 1)),
    }
  }

  /** A quota that is used up to the last is no matter of those who need nothing more. */
  const tellSpent = (): void => {
    if (spent && spent.endsAt <= time.ledger(clock.now())) spent = undefined
    const isShort = queue.size > 0 && credits.knownUntil() === 0 && !credits.hasForfeited()
    if (spent && isShort) options.onSpent(spent, limits.momentOf(spent.endsAt))
  }

  const asker = openAsker({
    keeper,
    actor,
    user,
    weight,
    clock,
    time,
    terms,
    order(terms, roundTripMs) {
      const next = queue.head()?.cost
      if (!next && clock.now() - lastWaiterAt > lingerMs) return undefined
      return order({ next, waiting: queue.size, roundTripMs }, terms)
    },
    random,
    agreement: () => wordsOf(options.limits, options.timetable),
    unused: credits.unused,
    onAnswer(answer) {
      actors = Math.max(1, answer.actors)
      limits.note(answer)
      if (!answer.spent) spent = undefined
      learn(answer)
    },
    onSnapshot: told => learn(told),
    onSpent(quota) {
      spent = quota
      tellSpent()
    },
    onLost(error) {
      if (options.whenLost === 'share') fallBack()
      options.onLost(error)
    },
    onFound() {
      // Who waits there still gets its share of it: they are few.
      fallback = undefined
      options.onFound()
    },
    onRefused: options.onRefused,
  })

  const learn = (told: Snapshot & Pick<Answer, 'grants'>): void => {
    const { epoch: current, now } = told
    if (epoch !== undefined && current > epoch) {
      // Its time may count from another moment.
      credits.drop()
      time.forget()
      time.note(now, clock.now())
    }
    if (epoch !== undefined && current < epoch) return
    epoch = current
    limits.operate(told.set)
    if (told.pausedUntil < pausedUntil) asker.hurry()
    pausedUntil = told.pausedUntil
    for (const [origin, until] of told.holds) if (holdUntil(origin, time.local(until))) sendAway(origin)
    if (pausedUntil > now) credits.skip(pausedUntil)
    credits.add(told.grants)
  }

  /** Who waits for a request to an origin that is held gives its turn to others. */
  const sendAway = (origin: string): void => {
    for (const waiter of queue.waiting(origin))
      if (waiter.cost.requests > 0) {
        queue.drop(origin, waiter)
        waiter.resolve(undefined)
      }
  }

  /** Takes what waits, and what will, from the share of the budget that this actor had. */
  const fallBack = (): void => {
    const [all, user] = [limits.rates(), options.limits.user]
    const own = localPool({
      // Of the processes none knows how many are of one user: as if all were.
      bytesPerSecond: Math.min(all.bytesPerSecond, user.bytesPerSecond) / actors,
      requestsPerSecond: Math.min(all.requestsPerSecond, user.requestsPerSecond) / actors,
      clock,
    })
    for (let waiter = queue.head(); waiter; waiter = queue.head()) {
      queue.serve(waiter.claimant.origin, waiter)
      // Who has left meanwhile does not wait for it.
      own.grant(waiter.cost, waiter.claimant).then(waiter.resolve, () => {})
    }
    fallback = own
  }

  const serve = (): void => {
    for (let waiter = queue.head(); waiter && credits.take(waiter.cost); waiter = queue.head()) {
      queue.serve(waiter.claimant.origin, waiter)
      waiter.resolve(grantFor(waiter))
    }
    if (queue.size === 0) return
    // What was granted too late to be used is missing from the quota, until it is given back.
    if (spent && credits.hasForfeited()) asker.hurry()
    else asker.need()
    tellSpent()
  }

  const grantFor = ({ cost }: Waiter): Grant => ({
    settle({ bytes, requests = cost.requests }) {
      const made = limits.limited({ requests, units: cost.units, bytes })
      const share = made.requests / (cost.requests || 1)
      credits.put({
        requests: cost.requests - made.requests,
        units: cost.requests > 0 ? cost.units * (1 - share) : 0,
        bytes: cost.bytes - made.bytes,
      })
      serve()
    },
  })

  return {
    join: asker.join,
    grant({ requests, bytes, units = 0 }: Cost, claimant) {
      const { origin, signal } = claimant
      if (signal.aborted) return Promise.reject(signal.reason)
      if (requests > 0 && heldFor(origin) > 0) return Promise.resolve(undefined)
      if (fallback) return fallback.grant({ requests, bytes }, claimant)
      const cost = limits.limited({ requests, units, bytes })
      // What nothing limits need not be asked for.
      if (cost.requests === 0 && cost.units === 0 && cost.bytes === 0) return Promise.resolve({ settle() {} })
      return abortable(signal, resolve => {
        const waiter: Waiter = { cost, claimant, resolve }
        lastWaiterAt = clock.now()
        queue.push(origin, waiter, spacingOf(limits.pool(), cost, 1))
        serve()
        return () => queue.drop(origin, waiter)
      })
    },
    hold(origin, ms) {
      if (hold(origin, ms)) sendAway(origin)
      void asker.tell({ kind: 'hold', origin, us: Math.round(ms * 1000), terms: terms(0) })
    },
    heldFor,
    released,
    rate: () => limits.rates().bytesPerSecond,
    // An operator may set a cap at any time.
    mayCap: () => true,
    requestRate: () => limits.rates().requestsPerSecond,
    setRate: limits.setRate,
    async leave() {
      credits.close()
      fallback?.close()
      await asker.leave()
    },
    close() {
      credits.close()
      fallback?.close()
    },
  }
}
