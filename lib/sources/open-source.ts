import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { SyncError } from '../errors.js'

/** A manifest: its bytes or its text as a stream, its bytes in pieces, or its entries themselves (URLs or objects with a `url`). */
export type Source<Row = unknown> =
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Row>
  | (Iterable<Row> & object)

export type OpenSource = {
  /** Rows in batches, read as they are asked for. */
  readonly batches: AsyncIterable<readonly unknown[]>
  /** Lets go of a stream, even while it is silent. */
  close(): void
}

/** Bytes go through `readBytes`, also those that come as the chunks of an iterable; anything else yields rows. Throws ERR_OPTION for what is neither. */
export const openSource = (
  source: Source,
  readBytes: (bytes: Readable) => AsyncIterable<readonly unknown[]>,
): OpenSource => {
  if (source instanceof ReadableStream && source.locked)
    throw new SyncError('ERR_OPTION', 'source: expected a stream that nobody reads yet, got a locked one')
  const rows: unknown = source instanceof ReadableStream ? Readable.fromWeb(source) : source
  if (rows instanceof Readable) {
    if (rows.readableEnded)
      throw new SyncError(
        'ERR_OPTION',
        'source: expected a stream that nobody has read yet, got one that has ended',
      )
    // A stream that fails before it is read would end the process; reading it finds the failure again.
    rows.on('error', () => {})
    return {
      batches: rows.readableObjectMode
        ? rowsOrBytes(rows, { readBytes, isBytes: isManifest })
        : readBytes(rows),
      close: () => void rows.destroy(),
    }
  }
  if (isIterable(rows)) {
    const taken = interruptible(rows)
    return { batches: rowsOrBytes(taken.rows, { readBytes, isBytes: isPiece }), close: taken.leave }
  }
  const given = typeof rows === 'string' ? 'text; a single URL goes into an array' : kindOf(rows)
  throw new SyncError(
    'ERR_OPTION',
    `source: expected a stream of bytes or an iterable of entries, got ${given}`,
  )
}

/** Text and bytes are iterable too, but what they yield is no entry. */
const isIterable = (source: unknown): source is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof source === 'object' &&
  source !== null &&
  !ArrayBuffer.isView(source) &&
  (Symbol.asyncIterator in source || Symbol.iterator in source)

const kindOf = (source: unknown): string =>
  source === null ? 'null' : ArrayBuffer.isView(source) ? 'bytes in one piece' : typeof source

/** The same rows, which can be left while the next one is waited for: an iterator of events ends at once where it is told so. */
const interruptible = (
  rows: AsyncIterable<unknown> | Iterable<unknown>,
): { rows: AsyncIterable<unknown> | Iterable<unknown>; leave(): void } => {
  if (!(Symbol.asyncIterator in rows)) return { rows, leave() {} }
  let leave = () => {}
  const iterator = (): AsyncIterator<unknown> => {
    const inner = rows[Symbol.asyncIterator]()
    let isWaiting = false
    leave = () => {
      // A generator that waits itself hears of it later; it is nobody's business any more how that ends.
      if (isWaiting) void (async () => inner.return?.())().catch(() => {})
    }
    return {
      async next() {
        isWaiting = true
        try {
          return await inner.next()
        } finally {
          isWaiting = false
        }
      },
      async return(value) {
        return (await inner.return?.(value)) ?? { done: true, value }
      },
    }
  }
  return { rows: { [Symbol.asyncIterator]: iterator }, leave: () => leave() }
}

const isPiece = (first: unknown): boolean => first instanceof Uint8Array

/** A stream may hand on text as well, as `Readable.from(text)` does: what no URL can begin with, or has several lines, is some of a manifest. */
const isManifest = (first: unknown): boolean =>
  isPiece(first) || (typeof first === 'string' && /^\ufeff?\s*[[{"#]|\n/.test(first))

type RowsOrBytesOptions = {
  readBytes: (bytes: Readable) => AsyncIterable<readonly unknown[]>
  /** Whether the first element is a piece of bytes. */
  isBytes: (first: unknown) => boolean
}

/** What the first element is tells of all of them. */
const rowsOrBytes = async function* (
  source: AsyncIterable<unknown> | Iterable<unknown>,
  { readBytes, isBytes }: RowsOrBytesOptions,
): AsyncGenerator<readonly unknown[]> {
  const rows = oneByOne(source)
  try {
    const first = await rows.next()
    if (first.done) return
    if (isBytes(first.value[0]))
      yield* readBytes(Readable.from(chunksOf(first.value, rows), { objectMode: false }))
    else {
      yield first.value
      yield* rows
    }
  } finally {
    await rows.return(undefined)
  }
}

const chunksOf = async function* (
  first: readonly unknown[],
  rest: AsyncIterable<readonly unknown[]>,
): AsyncGenerator<unknown> {
  yield first[0]
  for await (const [chunk] of rest) yield chunk
}

const oneByOne = async function* (
  rows: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<readonly unknown[]> {
  for await (const row of rows) yield [row]
}
