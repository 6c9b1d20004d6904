import { Readable } from 'node:stream'
import { SyncError } from '../errors.js'

export type ReadRowsOptions<Item> = {
  /** Ends the reading, even while the source is silent. */
  signal: AbortSignal
  /** Hears why the source ended, where it did not end by itself: everything before it has been delivered. */
  onBroken: (error: SyncError) => void
  toItem: (row: unknown) => Item
}

/** Batches of rows as a stream of items, read no faster than they are taken. */
export const readRows = <Item>(
  batches: AsyncIterable<readonly unknown[]>,
  { signal, onBroken, toItem }: ReadRowsOptions<Item>,
): Readable => {
  const iterator = batches[Symbol.asyncIterator]()
  let batch: readonly unknown[] = []
  let position = 0
  let isReading = false

  const stop = (): void => {
    // A source that waits for its next row answers too late, or never.
    iterator.return?.().catch(() => {})
    if (!stream.readableEnded) stream.push(null)
  }

  const deliver = (): boolean => {
    while (position < batch.length)
      if (signal.aborted || !stream.push(toItem(batch[position++]))) return false
    return true
  }

  const refill = async (): Promise<void> => {
    isReading = true
    try {
      while (!signal.aborted && deliver()) {
        const next = await iterator.next()
        if (signal.aborted) return
        if (next.done) return end()
        batch = next.value
        position = 0
      }
    } catch (error) {
      if (signal.aborted) return
      onBroken(error instanceof SyncError ? error : unreadable(error))
      end()
    } finally {
      isReading = false
    }
  }

  const end = (): void => {
    signal.removeEventListener('abort', stop)
    stream.push(null)
  }

  const stream = new Readable({
    objectMode: true,
    highWaterMark: 16,
    read() {
      if (!isReading) refill()
    },
  })
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return stream
}

const unreadable = (error: unknown): SyncError =>
  new SyncError(
    'ERR_MANIFEST',
    `the manifest cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  )
