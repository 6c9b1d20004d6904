import { type CostVector, nothing, plus } from '../ledger/terms.js'

type Slot = { readonly at: number; readonly requests: number; readonly units: number }

type Moments = Pick<CostVector, 'requests' | 'units'>

/** Requests and units that have become due, each at a moment that passes. */
export type Slots = {
  add(at: number, cost: Moments): void
  /** Takes so much of what became due first, if it is there; of a slot that has more, the rest stays. */
  take(cost: Moments): boolean
  /** Forgets what became due too long before `now` (ms), and gives it back. */
  expire(now: number): CostVector
  /** Forgets everything, and gives it back. */
  clear(): CostVector
}

/** Whether anything of it has a moment of its own; bytes have none. */
export const isOfMoments = ({ requests, units }: Moments): boolean => requests > 0 || units > 0

/** Slots that can be used for `latestMs`. */
export const openSlots = (latestMs: number): Slots => {
  let slots: Slot[] = []

  const dropWhere = (isOver: (slot: Slot) => boolean): CostVector => {
    const sum = slots
      .filter(isOver)
      .reduce((all, { requests, units }) => plus(all, { requests, units, bytes: 0 }), nothing)
    slots = slots.filter(slot => !isOver(slot))
    return sum
  }

  return {
    add(at, { requests, units }) {
      slots.push({ at, requests, units })
    },
    take({ requests, units }) {
      const left = { at: Number.NEGATIVE_INFINITY, requests: -requests, units: -units }
      let taken = 0
      for (; left.requests < 0 || left.units < 0; taken++) {
        const slot = slots[taken]
        if (!slot) return false
        left.at = slot.at
        left.requests += slot.requests
        left.units += slot.units
      }
      slots.splice(0, taken, ...(isOfMoments(left) ? [left] : []))
      return true
    },
    expire: now => dropWhere(({ at }) => now - at > latestMs),
    clear: () => dropWhere(() => true),
  }
}
