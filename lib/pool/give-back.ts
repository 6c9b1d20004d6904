import type { CostVector, Terms } from '../ledger/terms.js'
import type { Keeper } from './keeper.js'

export type GiveBackOptions = {
  /** What was granted and not used. */
  readonly unused: CostVector
  readonly user: string
  readonly weight: number
  readonly terms: Terms
}

/** Returns what was not used, or pays what is owed where it is negative: bytes to the pool, requests and units, whose slots are over, to their quotas. Resolves to whether there was any. */
export const giveBack = async (
  call: Keeper['call'],
  { unused, user, weight, terms }: GiveBackOptions,
): Promise<boolean> => {
  const { requests, units, bytes } = unused
  const more = { requests: 0, units: 0, bytes: -bytes }
  if (bytes !== 0) await call({ kind: 'settle', user, weight, more, terms })
  const isCounted = requests > 0 || units > 0
  if (isCounted) await call({ kind: 'refund', unused: { ...unused, bytes: 0 }, terms })
  return isCounted || bytes !== 0
}
