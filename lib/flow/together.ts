import type { Item } from '../outcome.js'
import { newWork } from '../work.js'
import type { Settled } from './settle.js'

/** Items on their way together, since they were read or ended together. */
export type Group = readonly Item[]

/** Runs a stage on all items of a group at once; the group that comes back, in the same order, is a promise only where some item's is one. */
export const together =
  (stage: Settled) =>
  (group: Group): Group | Promise<Group> => {
    // What is done here costs no attempt and no byte of any single item.
    const work = newWork()
    let isWaiting = false
    const passed = group.map(item => {
      const next = stage(item, work)
      isWaiting ||= next instanceof Promise
      return next
    })
    return isWaiting ? Promise.all(passed) : (passed as Group)
  }
