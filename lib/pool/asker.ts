import { SyncError } from '../errors.js'
import type { CostVector, Order, QuotaTerms, Terms } from '../ledger/terms.js'
import { type CallsOptions, openCalls } from './calls.js'
import { giveBack } from './give-back.js'
import type { Answer, Happening, Keeper, Snapshot } from './keeper.js'
import type { LedgerTime } from './ledger-time.js'

export type AskerOptions = Omit<CallsOptions, 'random' | 'keeper'> & {
  keeper: Pick<Keeper, 'call' | 'listen'>
  actor: string
  user: string
  /** The limits in words. */
  agreement: () => string
  time: LedgerTime
  /** The limits as they hold; `roundTripMs` is that of the last answers. */
  terms: (roundTripMs: number) => Terms
  /** What is waited for now, or will be in a moment; undefined for nothing. */
  order: (terms: Terms, roundTripMs: number) => Order | undefined
  /** What was granted and not used, since it was last called. */
  unused: () => CostVector
  /** All that is left when this one goes; what is owed is negative. */
  rest: () => CostVector
  weight: number
  /** Hears what others did, and of grants that came without asking. */
  onSnapshot: (snapshot: Snapshot & Pick<Answer, 'grants'>) => void
  onSpent: (quota: QuotaTerms) => void
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
  /** Does something else than asking, under the terms of now; whether it came to pass. What fails is told as a loss. */
  tell(happening: (terms: Terms) => Happening): Promise<boolean>
  /** Gives back what was not used, and is gone. */
  leave(): Promise<void>
  /** Is gone without a word. */
  close(): void
}

/** Who is there and asks for nothing says so in time: others would take its limits for gone, and its share. */
const beatMs = 4_000

/** So long after a quota seemed to be spent, what others were lent of it and do not use has come back. */
const lentMs = 300

/** A ledger that answers within this is as near as it matters. */
const nearMs = 2

/** As far away as most ledgers are at most: before it is known how far, a fence has to do for others. */
const usualMs = 20

/** Asks a ledger for grants: one request at a time, when its turn comes, and none while nobody waits. */
export const openAsker = (options: AskerOptions): Asker => {
  const { keeper, actor, user, clock, time, random = Math.random } = options
  let isAsking = false
  let isStanding = false
  let isClosed = false
  let isRefused = false
  /** Since when answers say that a quota is spent. */
  let spentSince: number | undefined
  let epoch: number | undefined
  let nextAt = Number.NEGATIVE_INFINITY
  let blockedUntil = Number.NEGATIVE_INFINITY
  let cancelTimer = () => {}
  let cancelBeat = () => {}

  const { failed, isLost, roundTripMs, ...calls } = openCalls({ ...options, random })

  const call = async (happening: Happening): Promise<Answer> => {
    const answer = await calls.call(happening)
    epoch = answer.epoch
    cancelBeat()
    if (!isClosed) cancelBeat = clock.after(beatMs, () => ask({ isBeat: true }))
    return answer
  }

  const fail = (error: unknown): void => {
    if (isClosed) return
    blockedUntil = clock.now() + failed(error)
    schedule(blockedUntil)
  }

  const schedule = (at: number): void => {
    if (isClosed) return
    nextAt = at
    cancelTimer()
    cancelTimer = clock.after(Math.max(0, at - clock.now()), ask)
  }

  const refusal = (theirs: string): SyncError =>
    new SyncError(
      'ERR_POOL',
      `the pool is in use with other limits: expected ${theirs}, got ${options.agreement()}`,
    )

  const returnUnused = (terms: Terms): Promise<boolean> =>
    giveBack(call, { unused: options.unused(), user, weight: options.weight, terms })

  const ask = ({ isBeat = false } = {}): void => {
    if (isAsking || isClosed || isRefused) return
    cancelTimer()
    const terms = options.terms(roundTripMs())
    const order = options.order(terms, roundTripMs())
    if (!order && !isStanding && !isLost() && !isBeat) return
    isAsking = true
    const known = epoch
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
        // What it says of a quota that is spent was asked by the time of another ledger.
        if (answer.epoch !== known && answer.spent) ask()
        else react(answer, order !== undefined)
      },
      error => {
        isAsking = false
        fail(error)
      },
    )
  }

  const react = (answer: Answer, hasOrder: boolean): void => {
    spentSince = answer.spent && (spentSince ?? clock.now())
    if (answer.disagreement !== undefined) {
      isRefused = true
      options.onRefused(refusal(answer.disagreement))
    } else if (spentSince !== undefined && clock.now() < spentSince + lentMs) {
      blockedUntil = spentSince + lentMs
      schedule(blockedUntil)
    } else if (answer.spent) {
      options.onSpent(answer.spent)
      blockedUntil = time.local(answer.spent.endsAt) + random() * 1000
      schedule(blockedUntil)
    } else if (hasOrder) schedule(answer.pollAt === undefined ? clock.now() + 1 : time.local(answer.pollAt))
    // Who has come meanwhile was not asked for.
    else ask()
  }

  const unlisten = keeper.listen(actor, push => {
    if (!isClosed) options.onSnapshot(push)
  })

  const close = (): void => {
    isClosed = true
    cancelTimer()
    cancelBeat()
    unlisten()
  }

  return {
    async join() {
      const tick = (): Promise<Answer> => {
        // It grants nothing to others: what day it is, and so what is left of quotas, is not known here yet.
        const terms = { ...options.terms(Math.max(usualMs, roundTripMs())), lookAhead: 0 }
        return call({ kind: 'tick', terms, agreement: options.agreement() })
      }
      const answer = await tick()
      if (answer.disagreement !== undefined) throw refusal(answer.disagreement)
      // The first answer also took what a connection and a script take that are new: grants need not be made so far ahead.
      for (let more = 0; more < 2 && roundTripMs() > nearMs; more++) await tick()
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
      try {
        await call(happening(options.terms(roundTripMs())))
        return true
      } catch (error) {
        fail(error)
        return false
      }
    },
    close,
    async leave() {
      close()
      const terms = options.terms(roundTripMs())
      const part = async (): Promise<void> => {
        // What lies ready counts as used, whether it ever came or not.
        if (terms.quotas.length > 0) await call({ kind: 'request', actor, user, terms })
        await giveBack(call, { unused: options.rest(), user, weight: options.weight, terms })
        await call({ kind: 'leave', actor, terms })
      }
      // Without an answer they are forgotten all the same, only later.
      await part().catch(() => {})
    },
  }
}
