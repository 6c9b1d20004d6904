import { SyncError } from '../errors.js'

/** What becomes of a generator whose loop is left. */
export type LeaveOptions = {
  /** It has not begun. */
  unbegun: () => void
  /** It is still asked for its next item, which may take long: it is told so as to end at once. */
  leave: () => void
}

/** What `groups` yields, one by one and for one loop: a second one gets ERR_OPTION. What is there already costs no turn through a generator. */
export const once = <Item>(
  groups: AsyncGenerator<readonly Item[]>,
  { unbegun, leave }: LeaveOptions,
): AsyncIterable<Item> => {
  let group: readonly Item[] = []
  let position = 0
  let isTaken = false
  let isBegun = false
  let pending = 0
  let refilling: Promise<boolean> | undefined

  const take = (): IteratorResult<Item> | undefined =>
    position < group.length ? { done: false, value: group[position++] as Item } : undefined

  /** Whether there is another group. */
  const refill = async (): Promise<boolean> => {
    try {
      const { done = false, value } = await groups.next()
      group = done ? [] : value
      position = 0
      return !done
    } finally {
      refilling = undefined
    }
  }

  const wait = async (): Promise<IteratorResult<Item>> => {
    pending++
    try {
      for (;;) {
        refilling ??= refill()
        if (!(await refilling)) return { done: true, value: undefined }
        const taken = take()
        if (taken) return taken
      }
    } finally {
      pending--
    }
  }

  const iterator: AsyncIterableIterator<Item> = {
    next() {
      isBegun = true
      // Who asked before comes first.
      const taken = pending === 0 ? take() : undefined
      return taken ? Promise.resolve(taken) : wait()
    },
    async return() {
      // A generator that has not begun would run nothing, not even what cleans up.
      if (!isBegun) unbegun()
      else if (pending > 0) leave()
      isBegun = true
      group = []
      await groups.return(undefined)
      // Who still waited has had the first of it.
      group = []
      return { done: true, value: undefined }
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
