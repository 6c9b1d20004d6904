import type { CostVector, LedgerGrant } from '../ledger/terms.js'
import { nothing, plus } from '../ledger/terms.js'
import type { Clock } from '../rate/clock.js'
import { latestBytesUs, latestUs } from './limits.js'
import { isOfMoments, openSlots } from './slots.js'

/** Grants of a ledger as they become due: what may be used now, and what came too late to be used. */
export type Credits = {
  /** Adds grants; those that are known already are not added twice. */
  add(grants: readonly LedgerGrant[]): void
  /** Takes `cost`, if as much is there. */
  take(cost: CostVector): boolean
  /**
   * Gives back what was taken and not used. Bytes can be used still, or are owed where negative: what is due next makes up for them. Of
   * requests the slot is over.
   */
  put(unused: CostVector): void
  /** Nothing is due before `us` any more: a pause. */
  skip(us: number): void
  /** Nothing that was granted holds any more: the ledger was lost, and has a fence up. Where it knows what was used of quotas, that is given back. */
  drop(options: { keepsQuotas: boolean }): void
  /** Until when grants are known, on the ledger's clock; 0 where none is. */
  knownUntil(): number
  /** How many grants are known that are not due yet. */
  coming(): number
  /** Whether anything was forfeited that counts against a quota, since `unused` was last called. */
  hasForfeited(): boolean
  /** What was forfeited or is left over of what nobody waits for, since this was last called. */
  unused(): CostVector
  /** All that is left, due or not, and gives it up; bytes that are owed are negative. */
  rest(): CostVector
  close(): void
}

export type CreditsOptions = {
  clock: Clock
  /** Milliseconds of this process at which the ledger's clock shows `us`. */
  local: (us: number) => number
  /** Hears that something has become due, or would have but for being late. */
  onDue: () => void
}

type Coming = { readonly grant: LedgerGrant; next: number }

/** Credits that follow the slots of their grants: never early, and forfeited where this process is late. */
export const openCredits = ({ clock, local, onDue }: CreditsOptions): Credits => {
  let coming: Coming[] = []
  const known = new Set<string>()
  const slots = openSlots(latestUs / 1000)
  let bytes = 0
  let forfeited: CostVector = nothing
  let cancelTimer = () => {}

  const lost = (cost: CostVector, count = 1): void => {
    forfeited = plus(forfeited, cost, count)
  }

  const dueAt = ({ grant: { slot, spacing }, next }: Coming): number =>
    local(Math.ceil(slot + next * spacing))

  /** Credits what has become due; forfeits what became so too long ago. */
  const collect = (now: number): void => {
    for (const each of coming) {
      const { cost, count } = each.grant
      for (; each.next < count && dueAt(each) <= now; each.next++) {
        // A second may have a little more of bytes than of requests, which a busy machine is late for now and then.
        const latest = isOfMoments(cost) ? latestUs : latestBytesUs
        if (now - dueAt(each) > latest / 1000) lost(cost)
        else {
          bytes += cost.bytes
          if (isOfMoments(cost)) slots.add(dueAt(each), cost)
        }
      }
    }
    coming = coming.filter(({ grant: { count }, next }) => next < count)
  }

  const expire = (now: number): void => {
    lost(slots.expire(now))
  }

  const arm = (): void => {
    cancelTimer()
    let next = Number.POSITIVE_INFINITY
    for (const each of coming) next = Math.min(next, dueAt(each))
    if (next === Number.POSITIVE_INFINITY) return
    cancelTimer = clock.after(Math.max(0, next - clock.now()), () => {
      collect(clock.now())
      arm()
      onDue()
    })
  }

  return {
    add(grants) {
      for (const grant of grants) {
        const name = `${grant.epoch} ${grant.serial}`
        if (known.has(name)) continue
        known.add(name)
        coming.push({ grant, next: 0 })
      }
      // Names of what is long over.
      if (known.size > 1024) for (const name of known) if (known.size > 512) known.delete(name)
      arm()
    },
    take(cost) {
      expire(clock.now())
      if (bytes < cost.bytes || !slots.take(cost)) return false
      bytes -= cost.bytes
      return true
    },
    put(unused) {
      bytes += unused.bytes
      lost({ ...unused, bytes: 0 })
    },
    skip(us) {
      for (const { grant, next } of coming) if (grant.slot < us) lost(grant.cost, grant.count - next)
      coming = coming.filter(({ grant: { slot } }) => slot >= us)
      arm()
    },
    drop({ keepsQuotas }) {
      for (const { grant, next } of coming) lost(grant.cost, grant.count - next)
      lost(slots.clear())
      // Its clocks never moved on by these bytes.
      forfeited = keepsQuotas ? { ...forfeited, bytes: 0 } : nothing
      coming = []
      bytes = Math.min(bytes, 0)
      known.clear()
      arm()
    },
    knownUntil() {
      let until = 0
      for (const { grant } of coming) until = Math.max(until, grant.slot + (grant.count - 1) * grant.spacing)
      return until
    },
    coming: () => coming.reduce((sum, { grant, next }) => sum + grant.count - next, 0),
    hasForfeited() {
      expire(clock.now())
      return forfeited.requests > 0 || forfeited.units > 0
    },
    unused() {
      expire(clock.now())
      const { requests, units } = forfeited
      const left = { requests, units, bytes: forfeited.bytes + Math.max(0, bytes) }
      bytes = Math.min(bytes, 0)
      forfeited = nothing
      return left
    },
    rest() {
      for (const { grant, next } of coming) lost(grant.cost, grant.count - next)
      coming = []
      lost(slots.clear())
      const left = { ...forfeited, bytes: forfeited.bytes + bytes }
      bytes = 0
      forfeited = nothing
      arm()
      return left
    },
    close: () => cancelTimer(),
  }
}
