import type { SyncError } from '../errors.js'
import type { CostVector, Order, QuotaTerms, Terms } from '../ledger/terms.js'
import { type Clock, sleep, systemClock } from '../rate/clock.js'
import { fairQueue } from '../rate/fair-queue.js'
import { type LocalPool, localPool } from '../rate/pool.js'
import type { Claimant, Cost, Grant, RatePool } from '../rate/rate-pool.js'
import { openAsker } from './asker.js'
import { openCredits } from './credits.js'
import type { Answer, Keeper, Snapshot } from './keeper.js'
import { ledgerTime } from './ledger-time.js'
import { clocksOf, isLimited, type PoolLimits, quotasAt, spacingUs, wordsOf } from './limits.js'

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

/** A batch covers about so much time, and half a round trip: fewer calls, and no more in one process's hands than that. */
const batchUs = 5_000
const mostAtOnce = 100

/** How long after its last waiter an actor is taken to go on. */
const lingerMs = 100

/** The budget that a ledger grants to this process, shared between its origins as that of one process is. */
export const joinedPool = (options: JoinedPoolOptions): JoinedPool => {
  const { keeper, actor, user, weight, clock = systemClock, random = Math.random } = options
  let limits = options.limits
  let set: Snapshot['set']
  let epoch: number | undefined
  let paused = 0
  let spent: QuotaTerms | undefined
  let actors = 1
  let lastWaiterAt = Number.NEGATIVE_INFINITY
  let lastCost: CostVector = { requests: 1, units: 0, bytes: 0 }
  let wall: Pick<Answer, 'wallTime' | 'now'> | undefined
  let fallback: LocalPool | undefined
  let period: readonly QuotaTerms[] = []
  const queue = fairQueue<Waiter>()
  const holds = new Map<string, number>()
  const time = ledgerTime()
  const credits = openCredits({ clock, local: time.local, onDue: () => serve() })

  const quotas = (): readonly QuotaTerms[] => {
    // What day it is the ledger says.
    if (!wall) return []
    const now = time.ledger(clock.now())
    if (period.some(({ endsAt }) => endsAt <= now) || period.length === 0)
      period = quotasAt(limits, { wallTime: wall.wallTime + (now - wall.now) / 1000, now })
    return period
  }

  const terms = (roundTripMs: number): Terms => {
    const lookAhead = Math.round((25 + 3 * roundTripMs) * 1000)
    const pool = set ?? clocksOf(limits.pool)
    return {
      pool,
      // Of the limits of users most have none.
      user: clocksOf(limits.user).filter(({ interval }) => interval > 0),
      quotas: quotas(),
      lookAhead,
      lead: Math.round((2 + roundTripMs * 0.75) * 1000),
      fence: 100_000 + 2 * lookAhead + Math.round(spacingUs({ pool }, lastCost)),
    }
  }

  const order = (terms: Terms, roundTripMs: number): Order | undefined => {
    const head = queue.head()
    if (!head && clock.now() - lastWaiterAt > lingerMs) return undefined
    if (head) lastCost = meanOf(head.cost)
    const spacing = Math.max(spacingUs(terms, lastCost), spacingUs({ pool: terms.user }, lastCost))
    const batch = Math.min(
      mostAtOnce,
      Math.max(1, Math.floor((batchUs + roundTripMs * 500) / Math.max(1, spacing))),
    )
    const count = Math.min(batch, Math.max(1, queue.size))
    return { cost: lastCost, count, weight, standing: true }
  }

  /** Pieces of different sizes are asked for by their mean: what one has too much the next has too little. */
  const meanOf = (cost: CostVector): CostVector => {
    const mean = lastCost.bytes === 0 ? cost.bytes : lastCost.bytes + (cost.bytes - lastCost.bytes) / 4
    return { ...cost, bytes: cost.bytes === 0 ? 0 : Math.max(1, Math.round(mean)) }
  }

  /** The time of day at a moment of the ledger; to the second, as midnight is. */
  const momentOf = (us: number): Date =>
    new Date(Math.round(((wall?.wallTime ?? 0) + (us - (wall?.now ?? 0)) / 1000) / 1000) * 1000)

  /** A quota that is used up to the last is no matter of those who need nothing more. */
  const tellSpent = (): void => {
    if (spent && spent.endsAt <= time.ledger(clock.now())) spent = undefined
    const isShort = queue.size > 0 && credits.knownUntil() === 0 && !credits.hasForfeited()
    if (spent && isShort) options.onSpent(spent, momentOf(spent.endsAt))
  }

  const asker = openAsker({
    keeper,
    actor,
    user,
    weight,
    clock,
    time,
    terms,
    order,
    random,
    agreement: () => wordsOf(options.limits, options.timetable),
    unused: credits.unused,
    onAnswer(answer) {
      actors = Math.max(1, answer.actors)
      wall = answer
      if (!answer.spent) spent = undefined
      learn(answer)
    },
    onSnapshot: learnFrom,
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

  function learnFrom(snapshot: Snapshot & Pick<Answer, 'grants'>): void {
    learn(snapshot)
  }

  const learn = ({
    epoch: current,
    pausedUntil,
    now,
    holds: held,
    set: operators,
    grants,
  }: Parameters<typeof learnFrom>[0]): void => {
    if (epoch !== undefined && current > epoch) {
      // Its time may count from another moment.
      credits.drop()
      time.forget()
      time.note(now, clock.now())
    }
    if (epoch !== undefined && current < epoch) return
    epoch = current
    set = operators
    if (pausedUntil < paused) asker.hurry()
    paused = pausedUntil
    for (const [origin, until] of held) holdUntil(origin, time.local(until))
    if (pausedUntil > now) credits.skip(pausedUntil)
    credits.add(grants)
  }

  /** Takes what waits, and what will, from the share of the budget that this actor had. */
  const fallBack = (): void => {
    const share = 1 / actors
    const own = localPool({
      bytesPerSecond: limits.pool.bytesPerSecond * share,
      requestsPerSecond: limits.pool.requestsPerSecond * share,
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
    settle({ bytes }) {
      if (!isLimited(terms(0), 'bytes')) return
      credits.put(cost.bytes - bytes)
      serve()
    },
  })

  const heldFor = (origin: string): number => {
    const left = (holds.get(origin) ?? 0) - clock.now()
    if (left <= 0) holds.delete(origin)
    return Math.max(0, left)
  }

  const holdUntil = (origin: string, until: number): void => {
    if (until <= (holds.get(origin) ?? 0)) return
    holds.set(origin, until)
    for (const waiter of queue.waiting(origin))
      if (waiter.cost.requests > 0) {
        queue.drop(origin, waiter)
        waiter.resolve(undefined)
      }
  }

  return {
    join: asker.join,
    grant({ requests, bytes, units = 0 }: Cost, claimant) {
      const { origin, signal } = claimant
      if (signal.aborted) return Promise.reject(signal.reason)
      if (requests > 0 && heldFor(origin) > 0) return Promise.resolve(undefined)
      if (fallback) return fallback.grant({ requests, bytes }, claimant)
      const cost = limited({ requests, units, bytes }, terms(0))
      // What nothing limits need not be asked for.
      if (cost.requests === 0 && cost.units === 0 && cost.bytes === 0) return Promise.resolve({ settle() {} })
      return new Promise((resolve, reject) => {
        const leave = () => {
          queue.drop(origin, waiter)
          reject(signal.reason)
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
        lastWaiterAt = clock.now()
        queue.push(origin, waiter, spacingUs(terms(0), cost))
        serve()
      })
    },
    hold(origin, ms) {
      holdUntil(origin, clock.now() + ms * (1 + random() / 10))
      void asker.tell({ kind: 'hold', origin, us: Math.round(ms * 1000), terms: terms(0) })
    },
    heldFor,
    async released(origin, signal) {
      for (let ms = heldFor(origin); ms > 0; ms = heldFor(origin)) await sleep(ms, { clock, signal })
    },
    rate: () => limits.pool.bytesPerSecond,
    mayCap: () => limits.pool.bytesPerSecond !== Number.POSITIVE_INFINITY,
    requestRate: () => limits.pool.requestsPerSecond,
    setRate(bytesPerSecond) {
      limits = { ...limits, pool: { ...limits.pool, bytesPerSecond } }
    },
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

/** What of a cost is limited at all. */
const limited = (cost: CostVector, terms: Terms): CostVector => ({
  requests: isLimited(terms, 'requests') ? cost.requests : 0,
  units: isLimited(terms, 'units') ? cost.units : 0,
  bytes: isLimited(terms, 'bytes') ? cost.bytes : 0,
})
