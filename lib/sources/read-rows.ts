import { Readable } from 'node:stream'
import { isOfRun, SyncError } from '../errors.js'
import type { OpenSource } from './open-source.js'

export type ReadRowsOptions<Item> = {
  /** Ends the reading, even while the source is silent. */
  signal: AbortSignal
  /** Hears why the source ended, where it did not end by itself: everything before it has been delivered. */
  onBroken: (error: SyncError) => void
  toItem: (row: unknown) => Item
}

/** Rows that become items together: enough to be looked up at once, few enough to be nothing to hold. */
const mostTogether = 128

/** The rows of a source as a stream of arrays of items, read no faster than they are taken; destroying it closes the source. */
export const readRows = <Item>(
  { batches, close }: OpenSource,
  { signal, onBroken, toItem }: ReadRowsOptions<Item>,
): Readable => {
  const iterator = batches[Symbol.asyncIterator]()
  let batch: readonly unknown[] = []
  let position = 0
  let isReading = false
  let isOver = false

  const leave = (): void => {
    if (isOver) return
    isOver = true
    signal.removeEventListener('abort', stop)
    // A source that waits for its next row answers too late, or never.
    iterator.return?.().catch(() => {})
    close()
  }

  const stop = (): void => {
    leave()
    stream.push(null)
  }

  /** Whether all of the batch could be delivered: not where the reader is full, or the end has come meanwhile. */
  const deliver = (): boolean => {
    while (position < batch.length) {
      const rows = batch.slice(position, position + mostTogether)
      position += rows.length
      if (!stream.push(rows.map(toItem))) return false
    }
    return true
  }

  const refill = async (): Promise<void> => {
    isReading = true
    try {
      while (!isOver && deliver()) {
        const next = await iterator.next()
        if (isOver) return
        if (next.done) return stop()
        batch = next.value
        position = 0
      }
    } catch (error) {
      if (isOver) return
      onBroken(error instanceof SyncError && isOfRun(error.code) ? error : unreadable(error))
      stop()
    } finally {
      isReading = false
    }
  }

  const stream = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      if (!isReading) void refill()
    },
    destroy(error, callback) {
      leave()
      callback(error)
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
    { cause: error },
  )
