import { SyncError } from '../errors.js'
import type { jsonReader as JsonReader } from './json.js'
import { ndjsonReader } from './ndjson.js'
import { opening } from './opening.js'
import type { Emit, Reader, Start } from './reader.js'
import { parseSelect, type Select } from './select.js'
import { tsvHeader, tsvReader } from './tsv.js'
import { urlsReader } from './urls.js'
import { toBytes } from './utf8.js'

/** What manifests are written in. */
export type Format = 'auto' | 'json' | 'ndjson' | 'urls' | 'tsv'

/** How a manifest is read. */
export type ManifestOptions = {
  /** `auto` recognizes it by how it begins. */
  format: Format
  /** Where the rows are in one JSON document, as `parseSelect` reads it. */
  select?: string
}

/** Reads a manifest as it arrives: batches of rows (values for toEntry, or a BrokenRow for a line that is no value), then throws ERR_MANIFEST with the byte `offset` where the manifest itself is broken. Options that do not go together are refused at once. */
export const manifest = (
  bytes: AsyncIterable<Uint8Array | string>,
  { format, select }: ManifestOptions,
): AsyncGenerator<readonly unknown[]> => {
  const path = select === undefined ? undefined : parseSelect(select)
  if (path && format !== 'auto' && format !== 'json')
    throw new SyncError('ERR_OPTION', `--select: expected a manifest in JSON, got --format ${format}`)
  return read(bytes, { format, select: path })
}

const read = async function* (
  bytes: AsyncIterable<Uint8Array | string>,
  { format, select }: { format: Format; select: Select | undefined },
): AsyncGenerator<readonly unknown[]> {
  let batch: unknown[] = []
  const emit: Emit = row => batch.push(row)

  // What stands before a fault is delivered before the fault.
  const rowsOf = function* (step: () => void): Generator<readonly unknown[]> {
    try {
      step()
    } finally {
      const rows = batch
      batch = []
      if (rows.length > 0) yield rows
    }
  }

  // Not at the top: loading the parser takes longer than help does in all.
  const { jsonReader } = await import('./json.js')
  const reader = opening([sign], openerOf({ format, select, emit, jsonReader }))
  for await (const chunk of toBytes(bytes)) yield* rowsOf(() => reader.write(chunk))
  yield* rowsOf(() => reader.end())
}

const sign = Buffer.from(tsvHeader)

type OpenerOptions = {
  format: Format
  select: Select | undefined
  emit: Emit
  jsonReader: typeof JsonReader
}

const openerOf =
  ({ format, select, emit, jsonReader }: OpenerOptions) =>
  (head: Buffer, start: Start): Reader => {
    const found = format === 'auto' ? sniff(head, select) : format
    if (found === 'json') return jsonReader({ start, emit, ...(select && { select }) })
    if (found === 'ndjson')
      return ndjsonReader({
        start,
        emit,
        guessed: format === 'auto' && head.toString('latin1', 0, 1) === '{',
      })
    return found === 'tsv' ? tsvReader({ start, emit }) : urlsReader({ start, emit })
  }

const sniff = (head: Buffer, select: Select | undefined): Exclude<Format, 'auto'> => {
  const first = head.toString('latin1', 0, 1)
  if (select || first === '[') return 'json'
  if (first === '{' || first === '"') return 'ndjson'
  return head.subarray(0, sign.length).equals(sign) ? 'tsv' : 'urls'
}
