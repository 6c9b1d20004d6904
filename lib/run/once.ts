import { SyncError } from '../errors.js'

/** What becomes of a generator whose loop is left. */
export type LeaveOptions = {
  /** It has not begun. */
  unbegun: () => void
  /** It is still asked for its next item, which may take long: it is told so as to end at once. */
  leave: () => void
}

/** What `generator` yields, for one loop: a second one gets ERR_OPTION. */
export const once = <Item>(
  generator: AsyncGenerator<Item>,
  { unbegun, leave }: LeaveOptions,
): AsyncIterable<Item> => {
  let isTaken = false
  let isBegun = false
  let pending = 0
  const answered = () => {
    pending--
  }
  const iterator: AsyncIterableIterator<Item> = {
    next() {
      isBegun = true
      pending++
      const next = generator.next()
      next.then(answered, answered)
      return next
    },
    return() {
      // A generator that has not begun would run nothing, not even what cleans up.
      if (!isBegun) unbegun()
      else if (pending > 0) leave()
      isBegun = true
      return generator.return(undefined)
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return {
    [Symbol.asyncIterator]() {
      if (isTaken)
        throw new SyncError('ERR_OPTION', 'run: expected one loop over its outcomes, got a second one')
      isTaken = true
      return iterator
    },
  }
}
