import type { Entry } from '../entry.js'
import { scopeOf } from '../errors.js'
import { failed, type Item, isOutcome } from '../outcome.js'
import { type Work, workOf } from '../work.js'
import { wrap } from '../wrap.js'
import { ended, type Halt } from './halt.js'

/** One step on the way of an entry: it settles it, or passes it on with what it learned. */
export type Stage<From extends Entry = Entry> = (entry: From, work: Work) => Item | Promise<Item>

/** A stage whose throws settle their entries. It can go to `parallel`, which gives it its `work`, and is a function for a chain as it is. */
export type Settled = (item: Item, work?: unknown) => Item | Promise<Item>

/** Who hears of errors that are more than an entry's. */
export type SettleOptions = {
  /** What an error of run scope halts. Without one there is nobody but the caller to hear of it: it is thrown. */
  halt?: Halt
}

/** Layer: an outcome passes by, a throw settles its own entry, and an error of run scope halts the run as well. */
export const settle = <From extends Entry>(stage: Stage<From>, { halt }: SettleOptions = {}): Settled => {
  const fail = (item: Entry, work: Work, error: unknown): Item => {
    const reason = wrap(error)
    if (scopeOf(reason) === 'run') {
      if (!halt) throw reason
      halt.stop(reason)
    }
    return failed(item, reason, {
      ...(work.received > 0 && { received: work.received }),
      // A HEAD that fails for good is where the one attempt ends.
      ...((work.attempts > 0 || work.received > 0) && {
        attempts: Math.max(1, work.attempts),
        ms: Math.round(performance.now() - work.startedAt),
      }),
    })
  }
  return (item, given) => {
    if (isOutcome(item)) return item
    const work = workOf(given)
    if (halt?.halted.aborted) return fail(item, work, ended())
    try {
      const passed = stage(item as From, work)
      return passed instanceof Promise ? passed.catch(error => fail(item, work, error)) : passed
    } catch (error) {
      return fail(item, work, error)
    }
  }
}

/** Settled stages one after the other, as one: whatever settles the entry ends the way. */
export const compose =
  (...stages: readonly Settled[]): Settled =>
  (item, work) =>
    follow(stages, 0, item, workOf(work))

const follow = (stages: readonly Settled[], from: number, item: Item, work: Work): Item | Promise<Item> => {
  for (let position = from; position < stages.length; position++) {
    if (isOutcome(item)) return item
    const passed = (stages[position] as Settled)(item, work)
    if (passed instanceof Promise) return passed.then(next => follow(stages, position + 1, next, work))
    item = passed
  }
  return item
}
