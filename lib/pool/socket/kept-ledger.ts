import { openLedger } from '../../ledger/open-ledger.js'
import type { Operation, Step } from '../../ledger/operation.js'
import { step } from '../../ledger/step.js'
import type { LedgerGrant, Terms } from '../../ledger/terms.js'
import { type Clock, systemClock } from '../../rate/clock.js'
import { answerOf, grantsOfOthers, snapshotOf, statusOf } from '../answer.js'
import type { Answer, Happening, Push, Status } from '../keeper.js'
import { type Kept, keptOf, restore } from './kept.js'

export type KeptLedgerOptions = {
  /** Tells the keeper from any other: what it did not keep is lost. */
  incarnation: string
  /** What was kept of the ledger before. */
  kept: Kept | undefined
  /** Hears what is to be told to an actor that has not asked, or to all of them. */
  tell(push: Push, actor?: string): void
  /** Milliseconds that never run backwards. */
  clock?: Clock
}

/** One ledger in this process. */
export type KeptLedger = {
  /** Does something with it, and tells others what it led to. */
  call(happening: Happening): Answer
  status(): Status
  /** What holds for all; undefined before anything was done, when it is not known yet how long its fence is. */
  snapshot(): Push | undefined
  /** What is to be stored before anybody hears of what was done since this was last called; undefined where it is the same. */
  takeChange(): Kept | undefined
  /** Lets go of its timer. */
  close(): void
}

/** Opens a ledger, whose time is microseconds from now on. What was granted by another keeper of it before is fenced off. */
export const keepLedger = ({
  incarnation,
  kept,
  tell,
  clock = systemClock,
}: KeptLedgerOptions): KeptLedger => {
  const state = openLedger()
  const opened = clock.now()
  if (kept) restore(state, kept, Date.now())
  /** What the last actor took the limits to be. */
  let known: Terms | undefined
  let setAt = kept?.set?.at ?? 0
  /** How often users were paused or resumed: to look for those who are would take long where there are many. */
  let userPauses = 0
  let told = ''
  let cancelTimer = () => {}

  const now = (): number => Math.floor((clock.now() - opened) * 1000)

  const enter = (happening: Happening): Step => {
    const { epoch } = state
    const done = step(state, now(), { ...happening, incarnation, stamp: Date.now() } as Operation)
    // Whoever is refused changes nothing for the others.
    if (done.disagreement === undefined) {
      cancelTimer()
      // Who joins does not know yet what is left of quotas.
      if (happening.kind === 'request' || !known) known = happening.terms ?? known
    }
    if (done.nextAt !== undefined)
      cancelTimer = clock.after(Math.max(0, Math.ceil(done.nextAt) - now()) / 1000, tick)
    const asking = 'actor' in happening ? happening.actor : undefined
    const push = (grants: readonly LedgerGrant[]): Push => ({ ...snapshotOf(state), grants })
    if (done.disagreement === undefined && (state.epoch !== epoch || concernsAll(happening))) tell(push([]))
    for (const [actor, grants] of grantsOfOthers(done, asking)) tell(push(grants), actor)
    return done
  }

  const tick = (): void => {
    if (known) enter({ kind: 'tick', terms: known })
  }

  return {
    call(happening) {
      if (happening.kind === 'set') setAt = Date.now()
      if ('user' in happening && (happening.kind === 'pause' || happening.kind === 'resume')) userPauses++
      const answer = answerOf(enter(happening), happening, Date.now())
      // What an operator or the end of an actor has changed is to the others' advantage at once; who joins looks no way ahead.
      if (!happening.terms || happening.kind === 'tick') tick()
      return answer
    },
    status: () => statusOf(state, now(), known),
    snapshot: () =>
      known ? { ...snapshotOf(state), now: Math.max(state.now, now()), grants: [] } : undefined,
    takeChange() {
      const words = `${userPauses} ${wordsOf(state)}`
      if (words === told) return undefined
      told = words
      return keptOf(state, { wallTime: Date.now(), setAt })
    },
    close: () => cancelTimer(),
  }
}

const concernsAll = ({ kind }: Happening): boolean =>
  kind === 'pause' || kind === 'resume' || kind === 'hold' || kind === 'set'

/** Differs whenever what is to be kept of all does. */
const wordsOf = ({ epoch, used, pausedUntil, holds, set }: ReturnType<typeof openLedger>): string => {
  let words = `${epoch} ${pausedUntil}`
  for (const [of, { period, amount }] of used) words += ` ${of} ${period} ${amount}`
  if (holds.size > 0) words += ` ${JSON.stringify([...holds])}`
  return set ? `${words} ${JSON.stringify(set)}` : words
}
