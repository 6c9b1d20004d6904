import type { SyncError } from '../errors.js'
import { spacingOf } from '../ledger/clocks.js'
import { type CostVector, nothing, plus, type QuotaTerms, type Terms } from '../ledger/terms.js'
import { abortable } from '../rate/abortable.js'
import { type Clock, systemClock } from '../rate/clock.js'
import { fairQueue } from '../rate/fair-queue.js'
import { openHolds } from '../rate/holds.js'
import type { Claimant, Cost, Grant, RatePool } from '../rate/rate-pool.js'
import { openAsker } from './asker.js'
import { openCredits } from './credits.js'
import { openFallback } from './fallback.js'
import type { Answer, Keeper, Snapshot } from './keeper.js'
import { ledgerTime } from './ledger-time.js'
import { isLimited, type PoolLimits, wordsOf } from './limits.js'
import { limitsNow } from './limits-now.js'
import { openOrders } from './orders.js'
import { pushBacks } from './push-backs.js'
import { openShare } from './share.js'

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
  /** What is held up by an origin that pushes back: it alone, or all that draws on a pool which is for nothing else, or this user of it. */
  pushBack?: 'origin' | 'pool' | 'user'
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
  /** What of it is limited. */
  readonly cost: CostVector
  /** How many requests it is for, limited or not. */
  readonly requests: number
  readonly claimant: Claimant
  resolve(grant: Grant | undefined): void
}

/** How long after its last waiter an actor is taken to go on. */
const lingerMs = 100

/** The budget that a ledger grants to this process, shared between its origins as that of one process is. */
export const joinedPool = (options: JoinedPoolOptions): JoinedPool => {
  const { keeper, actor, user, weight, clock = systemClock, random = Math.random } = options
  const { keepsQuotas = false } = keeper
  let epoch: number | undefined
  let periods = ''
  let pausedUntil = 0
  let spent: QuotaTerms | undefined
  let actors = 1
  let lastWaiterAt = Number.NEGATIVE_INFINITY
  const queue = fairQueue<Waiter>()
  const limits = limitsNow(options.limits)
  const { order, meanCost } = openOrders(weight)
  const { hold, holdUntil, heldFor, released } = openHolds({ clock, random })
  const { pushBack: scope = 'origin' } = options
  const pushBackMs = pushBacks({ clock, random })
  const time = ledgerTime()
  const credits = openCredits({ clock, local: time.local, onDue: () => serve() })

  const terms = (roundTripMs: number): Terms => {
    const lookAhead = Math.round((25 + 3 * roundTripMs) * 1000)
    const pool = limits.pool()
    const quotas = limits.quotas(time.ledger(clock.now()))
    follow(quotas)
    return {
      pool,
      user: limits.user,
      quotas,
      lookAhead,
      lead: Math.round((2 + roundTripMs * 0.75) * 1000),
      fence: 100_000 + 2 * lookAhead + Math.round(spacingOf(pool, meanCost(), 1)),
    }
  }

  /** What is left of one period is not given back to the next. */
  const follow = (quotas: readonly QuotaTerms[]): void => {
    const now = quotas.map(({ period }) => period).join(' ')
    if (now === periods) return
    if (periods !== '') credits.put({ ...nothing, bytes: credits.rest().bytes })
    periods = now
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
      return order({ next, waiting: queue.size, coming: credits.coming(), roundTripMs }, terms)
    },
    random,
    agreement: () => wordsOf(options.limits, options.timetable),
    unused: credits.unused,
    rest: credits.rest,
    onAnswer(answer) {
      actors = Math.max(1, answer.actors)
      if (answer.epoch !== epoch) renew(answer.epoch)
      limits.note(answer)
      if (!answer.spent) spent = undefined
      learn(answer)
    },
    onSnapshot(told) {
      if (told.epoch === epoch) learn(told)
      else if (told.epoch > (epoch ?? 0)) {
        // Anybody can publish anything: that the ledger is another one it has to say itself. Until then nothing is used.
        credits.drop({ keepsQuotas })
        asker.hurry()
      }
    },
    onSpent(quota) {
      spent = quota
      tellSpent()
    },
    onLost(error) {
      if (options.whenLost === 'share') fallback.begin()
      options.onLost(error)
    },
    onFound() {
      fallback.end()
      options.onFound()
    },
    onRefused: options.onRefused,
  })

  const fallback = openFallback({
    begin: () =>
      openShare<Waiter>({
        rates: limits.rates(),
        user: options.limits.user,
        actors,
        clock,
        head: queue.head,
        serve(waiter, grant) {
          const { origin } = waiter.claimant
          if (!queue.waiting(origin).includes(waiter)) return false
          queue.serve(origin, waiter)
          waiter.resolve(grant)
          return true
        },
      }),
    // Only quotas outlive the moment.
    count: async granted =>
      options.limits.quotas.length === 0 ||
      asker.tell(terms => ({ kind: 'refund', unused: plus(nothing, granted, -1), terms })),
  })

  /** The ledger was lost and begins anew, after what was granted before; its time may count from another moment. */
  const renew = (current: number): void => {
    if (epoch !== undefined) {
      credits.drop({ keepsQuotas })
      time.forget()
    }
    epoch = current
  }

  const learn = (told: Snapshot & Pick<Answer, 'grants'>): void => {
    const { now } = told
    time.note(now, clock.now())
    limits.operate(told.set)
    if (told.pausedUntil < pausedUntil) asker.hurry()
    pausedUntil = told.pausedUntil
    for (const [origin, until] of told.holds) if (holdUntil(origin, time.local(until))) sendAway(origin)
    if (pausedUntil > now) credits.skip(pausedUntil)
    credits.add(told.grants)
    // What was on its way may not come any more.
    if (queue.size > 0 && credits.coming() === 0) asker.need()
  }

  /** Who waits for a request to an origin that is held gives its turn to others. */
  const sendAway = (origin: string): void => {
    for (const waiter of queue.waiting(origin))
      if (waiter.requests > 0) {
        queue.drop(origin, waiter)
        waiter.resolve(undefined)
      }
  }

  /** Nothing is granted to anybody who draws on what pushed back, and less afterwards. */
  const pause = (ms: number): void =>
    void asker.tell(terms => ({
      kind: 'pause',
      us: Math.round(ms * 1000),
      // What one user did is no reason to give the others less.
      cut: scope === 'pool',
      ...(scope === 'user' && { user }),
      terms,
    }))

  const serve = (): void => {
    for (let waiter = queue.head(); waiter && credits.take(waiter.cost); waiter = queue.head()) {
      queue.serve(waiter.claimant.origin, waiter)
      waiter.resolve(grantFor(waiter))
    }
    if (queue.size === 0) return
    fallback.wake()
    // What was granted too late to be used is missing from the quota, until it is given back.
    if (spent && credits.hasForfeited()) asker.hurry()
    else asker.need()
    tellSpent()
  }

  const grantFor = ({ cost, requests: asked }: Waiter): Grant => ({
    settle({ bytes, requests = asked }) {
      const unmade = asked > 0 ? 1 - requests / asked : 0
      credits.put({
        requests: cost.requests * unmade,
        units: cost.units * unmade,
        bytes: cost.bytes - limits.limited({ requests: 0, units: 0, bytes }).bytes,
      })
      serve()
    },
  })

  const close = (): void => {
    credits.close()
    fallback.close()
  }

  return {
    join: asker.join,
    grant({ requests, bytes, units = 0 }: Cost, claimant) {
      const { origin, signal } = claimant
      const limited = limits.limited({ requests, units, bytes })
      // A pool that is bound to its origin is asked for every request: it may be paused.
      const cost = scope === 'origin' ? limited : { ...limited, requests }
      const isFree = cost.requests === 0 && cost.units === 0 && cost.bytes === 0
      // Bytes of what is under way need nobody's leave where nothing limits them.
      if (signal.aborted && (requests > 0 || !isFree)) return Promise.reject(signal.reason)
      if (requests > 0 && heldFor(origin) > 0) return Promise.resolve(undefined)
      if (isFree) return Promise.resolve({ settle() {} })
      return abortable(signal, resolve => {
        const waiter: Waiter = { cost, requests, claimant, resolve }
        lastWaiterAt = clock.now()
        queue.push(origin, waiter, Math.max(1, spacingOf([...limits.pool(), ...limits.user], cost, 1)))
        serve()
        return () => queue.drop(origin, waiter)
      })
    },
    hold(origin, ms) {
      if (hold(origin, ms)) sendAway(origin)
      if (scope === 'origin')
        void asker.tell(terms => ({ kind: 'hold', origin, us: Math.round(ms * 1000), terms }))
      else pause(ms)
    },
    pushBack() {
      if (scope === 'origin') return
      const ms = pushBackMs()
      if (ms > 0) pause(ms)
    },
    heldFor,
    released,
    rate: () => Math.min(limits.rates().bytesPerSecond, options.limits.user.bytesPerSecond),
    // An operator may set a cap at any time.
    mayCap: () => true,
    requestRate: () => Math.min(limits.rates().requestsPerSecond, options.limits.user.requestsPerSecond),
    setRate(bytesPerSecond) {
      limits.setRate(bytesPerSecond)
      fallback.setRate(bytesPerSecond)
    },
    hasSlots() {
      const terms = { pool: limits.pool(), user: limits.user, quotas: [] }
      return isLimited(terms, 'requests') || isLimited(terms, 'units')
    },
    async leave() {
      close()
      await asker.leave()
    },
    close() {
      close()
      asker.close()
    },
  }
}
