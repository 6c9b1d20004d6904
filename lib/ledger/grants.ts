import { advanced, readyAt, spacingOf } from './clocks.js'
import {
  charge,
  drop,
  firstParked,
  isAlone,
  nextUser,
  park,
  repeat,
  turn,
  unpark,
  unparkUntil,
} from './queue.js'
import { room, use } from './quotas.js'
import type { CostVector, Ledger, LedgerGrant, LedgerOrder, LedgerUser, Terms } from './terms.js'
import { nothing, plus } from './terms.js'

/** So that one call never takes long, whatever waits. */
const mostRounds = 128

/** Grants that one actor gets at once: as many turns as a user of some weight has before its actor asks again. */
const mostOfOne = 4

/** An actor that asks this much later than it was told has crashed or stalled. */
const graceUs = 25_000

export type Served = {
  grants: LedgerGrant[]
  /** When another grant can be made; undefined where nobody waits. */
  nextAt: number | undefined
}

/** Makes the grants whose slots are near enough, each to whoever is next. `asking` is there now, and is told at once. */
export const serve = (state: Ledger, terms: Terms, asking: string | undefined): Served => {
  const horizon = state.now + terms.lookAhead
  const near = state.now + nearness(terms)
  const from = Math.max(state.now + terms.lead, state.fencedUntil, state.pausedUntil)
  const grants: LedgerGrant[] = []
  const told = { grants: 0, events: 0 }

  for (let round = 0; round < mostRounds; round++) {
    const reach = Math.max(from, state.reached)
    unparkUntil(state, reach)
    const eligible = nextUser(state)
    // Where all are parked the first of them does not have to wait until slots have come so far: nobody else makes them.
    const parked = eligible ? undefined : firstParked(state)
    const [, user] = eligible ?? parked ?? []
    if (!user) return { grants, nextAt: undefined }
    if (user.parked !== undefined && user.parked > near)
      return { grants, nextAt: Math.ceil(user.parked) - nearness(terms) }
    unpark(state, user)
    const placed = user.orders[0] as LedgerOrder
    const { actor, order, limits } = placed
    const ready = readyAt(accruedOf(state), terms.pool, order.cost, state.factor, from)
    const own = readyAt(user.clocks, limits, order.cost, state.factor, user.pausedUntil)
    // Less than a microsecond is no difference: sums of doubles lose it.
    // When slots have come so far, the next one is not before its own.
    const until = reach + (own - ready)
    if (own >= ready + 1 && (until > near || !isAlone(state, user))) {
      park(state, user, until)
      continue
    }
    const slot = Math.max(ready, own)
    if (slot > horizon) return { grants, nextAt: Math.ceil(slot) - terms.lookAhead }
    const count = Math.min(mostAtOnce(placed, terms, state.factor), room(state, terms, order.cost))
    if (count === 0 || isOverdue(state, placed, asking, terms)) {
      drop(state, actor)
      continue
    }
    const grant = take(state, terms, { placed, user, slot, count })
    grants.push(grant)
    const isAsking = actor === asking
    if (isAsking) {
      told.grants++
      told.events += count
    }
    // Who is there gets what its turns bring, or all that it has asked for where its user's limits let it have one at a time only.
    const goesOn = isAsking
      ? told.grants < mostOfOne || told.events < order.count
      : hasLittle(state, terms, placed, grant)
    if (!isAsking && order.standing) keep(state, terms, grant)
    // What nothing spaces is all at one slot, which one grant says.
    if (order.standing && goesOn && grant.spacing > 0) repeat(state, user, placed)
    else drop(state, actor)
  }
  return { grants, nextAt: state.now }
}

const accruedOf = ({ clocks }: Ledger): number[] => clocks.map(({ accrued }) => accrued)

/**
 * Whom its own limits hold back is granted no further ahead than this, even where nobody else waits: the slots before its own would be lost
 * to those who come meanwhile.
 */
export const nearness = ({ lookAhead, lead }: Terms): number => Math.min(lookAhead, lead + lookAhead / 4)

/** A batch may not run ahead of its user's own limits. */
const mostAtOnce = (
  { order: { cost, count }, limits }: LedgerOrder,
  { pool }: Terms,
  factor: number,
): number => (spacingOf(limits, cost, factor) > spacingOf(pool, cost, factor) ? 1 : count)

const isOverdue = (
  state: Ledger,
  { actor, order }: LedgerOrder,
  asking: string | undefined,
  terms: Terms,
): boolean => {
  const due = state.due.get(actor)
  return (
    order.standing && actor !== asking && due !== undefined && state.now > due + terms.lookAhead / 2 + graceUs
  )
}

type Taken = { placed: LedgerOrder; user: LedgerUser; slot: number; count: number }

/** Moves every clock on by what is granted. */
const take = (state: Ledger, terms: Terms, { placed, user, slot, count }: Taken): LedgerGrant => {
  const {
    order: { cost },
    limits,
  } = placed
  const { epoch, factor } = state
  const spacing = spacingOf(terms.pool, cost, factor)
  const last = slot + (count - 1) * spacing
  for (const clock of state.clocks) clock.accrued = advanced(clock.accrued, clock, cost, count, factor, last)
  user.clocks = limits.map((clockTerms, index) =>
    advanced(user.clocks[index] ?? 0, clockTerms, cost, count, factor, last),
  )
  state.reached = Math.max(state.reached, last)
  use(state, terms, cost, count)
  meter(state, cost, count)
  state.virtualTime = Math.max(state.virtualTime, user.tag)
  turn(state, user)
  charge(state, user, count * spacing)
  return { actor: placed.actor, serial: state.sequence++, slot: Math.ceil(slot), count, spacing, cost, epoch }
}

/** Counts what is granted in this second of the ledger's. */
const meter = (state: Ledger, cost: CostVector, count: number): void => {
  const second = Math.floor(state.now / 1e6)
  const { current, previous, second: last } = state.metered
  const isSame = second === last
  const before = isSame ? current : nothing
  state.metered = {
    second,
    current: plus(before, cost, count),
    previous: isSame ? previous : second === last + 1 ? current : nothing,
  }
}

/** Whether a grant leaves an actor that is not there too little to do until it comes. */
const hasLittle = (
  { ready }: Ledger,
  { lookAhead }: Terms,
  { actor, order }: LedgerOrder,
  { spacing }: LedgerGrant,
): boolean => !ready.has(actor) && order.count * spacing < lookAhead

/** The grant lies ready for an actor that is not there. */
const keep = (state: Ledger, { lookAhead }: Terms, grant: LedgerGrant): void => {
  const { actor, slot, count, spacing } = grant
  state.due.set(actor, slot + count * spacing + lookAhead)
  state.ready.set(actor, [...(state.ready.get(actor) ?? []), grant])
}
