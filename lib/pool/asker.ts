import { SyncError } from '../errors.js'
import type { CostVector, Order, QuotaTerms, Terms } from '../ledger/terms.js'
import type { Clock } from '../rate/clock.js'
import { wrap } from '../wrap.js'
import { giveBack } from './give-back.js'
import type { Answer, Happening, Keeper, Snapshot } from './keeper.js'
import type { LedgerTime } from './ledger-time.js'

export type AskerOptions = {
  keeper: Pick<Keeper, 'call' | 'listen'>
  actor: string
  user: string
  /** The limits in words. */
  agreement: () => string
  clock: Clock
  time: LedgerTime
  /** The limits as they hold; `roundTripMs` is that of the last answers. */
  terms: (roundTripMs: number) => Terms
  /** What is waited for now, or will be in a moment; undefined for nothing. */
  order: (terms: Terms, roundTripMs: number) => Order | undefined
  /** What was granted and not used, since it was last called. */
  unused: () => CostVector
  weight: number
  onAnswer: (answer: Answer) => void
  /** Hears what others did, and of grants that came without asking. */
  onSnapshot: (snapshot: Snapshot & Pick<Answer, 'grants'>) => void
  onSpent: (quota: QuotaTerms) => void
  /** The ledger cannot be reached. */
  onLost: (error: SyncError) => void
  onFound: () => void
  /** The others hold other limits: nothing is granted to this one ever. */
  onRefused: (error: SyncError) => void
  /** Decides the jitter of retries. */
  random?: () => number
}

export type Asker = {
  /** Asks for nothing, for the first time: rejects where there is no ledger, or where it is another one's. */
  join(): Promise<void>
  /** Somebody waits: asks, unless an answer is on its way or its time is yet to come. */
  need(): void
  /** What kept it waiting is over sooner than it was told. */
  hurry(): void
  /** Does something else than asking; what fails is told as a loss. */
  tell(happening: Happening): Promise<void>
  /** Gives back what was not used, and is gone. */
  leave(): Promise<void>
}

/** While the ledger cannot be reached. */
const [retryMs, mostRetryMs] = [100, 1_000]

/** Asks a ledger for grants: one request at a time, when its turn comes, and none while nobody waits. */
export const openAsker = (options: AskerOptions): Asker => {
  const { keeper, actor, user, clock, time, random = Math.random } = options
  let isAsking = false
  let isStanding = false
  let isClosed = false
  let isRefused = false
  let lostFor = 0
  let roundTripMs = 0
  let nextAt = Number.NEGATIVE_INFINITY
  let blockedUntil = Number.NEGATIVE_INFINITY
  let cancelTimer = () => {}

  const call = async (happening: Happening): Promise<Answer> => {
    const askedAt = clock.now()
    const answer = await keeper.call(happening)
    const now = clock.now()
    const took = now - askedAt
    // What a loaded moment takes is no distance.
    roundTripMs = roundTripMs === 0 ? took : Math.min(took, roundTripMs * 1.05 + 0.01)
    time.note(answer.now, now)
    if (lostFor > 0) options.onFound()
    lostFor = 0
    options.onAnswer(answer)
    return answer
  }

  const fail = (error: unknown): void => {
    if (lostFor === 0) options.onLost(wrap(error))
    const ms = Math.min(mostRetryMs, retryMs * 2 ** lostFor)
    lostFor++
    blockedUntil = clock.now() + ms * (0.5 + random() / 2)
    schedule(blockedUntil)
  }

  const schedule = (at: number): void => {
    nextAt = at
    cancelTimer()
    cancelTimer = clock.after(Math.max(0, at - clock.now()), ask)
  }

  const returnUnused = (terms: Terms): Promise<boolean> =>
    giveBack(call, { unused: options.unused(), user, weight: options.weight, terms })

  const ask = (): void => {
    if (isAsking || isClosed || isRefused) return
    cancelTimer()
    const terms = options.terms(roundTripMs)
    const order = options.order(terms, roundTripMs)
    if (!order && !isStanding && lostFor === 0) return
    isAsking = true
    const asked = async () => {
      const agreement = options.agreement()
      const answer = await call({ kind: 'request', actor, user, terms, agreement, ...(order && { order }) })
      isStanding = order !== undefined && answer.spent === undefined
      // What came too late to be used may be all that is missing.
      const isBack = (!order || answer.spent !== undefined) && (await returnUnused(terms))
      return isBack ? { ...answer, spent: undefined, pollAt: undefined } : answer
    }
    asked().then(
      answer => {
        isAsking = false
        react(answer, order !== undefined)
      },
      error => {
        isAsking = false
        if (!isClosed) fail(error)
      },
    )
  }

  const react = (answer: Answer, hasOrder: boolean): void => {
    if (answer.disagreement !== undefined) {
      isRefused = true
      options.onRefused(disagreement(answer.disagreement, options.agreement()))
    } else if (answer.spent) {
      options.onSpent(answer.spent)
      blockedUntil = time.local(answer.spent.endsAt) + random() * 1000
      schedule(blockedUntil)
    } else if (hasOrder) schedule(answer.pollAt === undefined ? clock.now() + 1 : time.local(answer.pollAt))
  }

  const unlisten = keeper.listen(actor, push => {
    if (isClosed) return
    time.note(push.now, clock.now())
    options.onSnapshot(push)
  })

  return {
    async join() {
      const answer = await call({ kind: 'tick', terms: options.terms(0), agreement: options.agreement() })
      if (answer.disagreement !== undefined) throw disagreement(answer.disagreement, options.agreement())
    },
    need() {
      if (clock.now() < blockedUntil) return
      if (clock.now() >= nextAt || !isStanding) ask()
    },
    hurry() {
      blockedUntil = Number.NEGATIVE_INFINITY
      ask()
    },
    async tell(happening) {
      await call(happening).catch(fail)
    },
    async leave() {
      isClosed = true
      cancelTimer()
      unlisten()
      const terms = options.terms(roundTripMs)
      // Without an answer they are forgotten all the same, only later.
      await returnUnused(terms)
        .then(() => call({ kind: 'leave', actor, terms }))
        .catch(() => {})
    },
  }
}

const disagreement = (theirs: string, ours: string): SyncError =>
  new SyncError('ERR_POOL', `the pool is in use with other limits: expected ${theirs}, got ${ours}`)
