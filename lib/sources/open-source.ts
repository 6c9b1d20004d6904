import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { SyncError } from '../errors.js'

/** A manifest: a stream of its bytes, or its entries themselves (URLs or objects with a `url`). */
export type Source<Row = unknown> = Readable | ReadableStream<Uint8Array> | AsyncIterable<Row> | Iterable<Row>

export type OpenSource = {
  /** Rows in batches, read as they are asked for. */
  readonly batches: AsyncIterable<readonly unknown[]>
  /** Lets go of a stream, even while it is silent. */
  close(): void
}

/** Bytes go through `readBytes`; anything else yields rows. Throws ERR_OPTION for what is neither. */
export const openSource = (
  source: Source,
  readBytes: (bytes: Readable) => AsyncIterable<readonly unknown[]>,
): OpenSource => {
  const rows: unknown = source instanceof ReadableStream ? Readable.fromWeb(source) : source
  if (rows instanceof Readable) {
    // A stream that fails before it is read would end the process; reading it finds the failure again.
    rows.on('error', () => {})
    return {
      batches: rows.readableObjectMode ? oneByOne(rows) : readBytes(rows),
      close: () => void rows.destroy(),
    }
  }
  if (isIterable(rows)) return { batches: oneByOne(rows), close() {} }
  throw new SyncError('ERR_OPTION', 'source: expected a stream of bytes or an iterable of entries')
}

/** Text and bytes are iterable too, but what they yield is no entry. */
const isIterable = (source: unknown): source is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof source === 'object' &&
  source !== null &&
  !ArrayBuffer.isView(source) &&
  (Symbol.asyncIterator in source || Symbol.iterator in source)

const oneByOne = async function* (
  rows: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<readonly unknown[]> {
  for await (const row of rows) yield [row]
}
