import { SyncError } from '../errors.js'

/** What `generator` yields, for one loop: a second one gets ERR_OPTION. Who leaves before the beginning calls `unbegun`. */
export const once = <Item>(generator: AsyncGenerator<Item>, unbegun: () => void): AsyncIterable<Item> => {
  let isTaken = false
  let isBegun = false
  const iterator: AsyncIterableIterator<Item> = {
    next() {
      isBegun = true
      return generator.next()
    },
    return() {
      // A generator that has not begun would run nothing, not even what cleans up.
      if (!isBegun) unbegun()
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
