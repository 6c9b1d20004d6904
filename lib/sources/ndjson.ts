import { BrokenRow } from '../bad-row.js'
import { SyncError } from '../errors.js'
import { brokenLine, lineReader } from './lines.js'
import { brokenManifest, type Emit, maxDepth, type Reader, type Start } from './reader.js'

export type NdjsonOptions = {
  start: Start
  /** The format is a guess, from a first line that opens an object: a line that is not whole means a JSON document. */
  guessed: boolean
  emit: Emit
}

/** Reads one JSON value per line; a line that is none is a BrokenRow. */
export const ndjsonReader = ({ start, guessed, emit }: NdjsonOptions): Reader => {
  const toRow = (line: string, number: number): unknown => {
    try {
      const row: unknown = JSON.parse(line)
      if (guessed && number === start.line && isDocument(row)) return new BrokenRow(row, isNoEntry)
      return isTooDeep(line, row) ? brokenLine(number, `is nested deeper than ${maxDepth} levels`, line) : row
    } catch {
      if (guessed && number === start.line)
        throw brokenManifest(
          'the first line is not a whole JSON value; for one document use --select, for entries over several lines jq -c',
          start.offset,
        )
      return brokenLine(number, 'is not JSON', line)
    }
  }
  return lineReader({ start, toRow, emit, ...(guessed && { ifTooLong: selectHint }) })
}

const selectHint = 'for entries inside one JSON document use --select'

const isNoEntry = new SyncError('ERR_ENTRY_INVALID', `the first line has no url; ${selectHint}`)

/** An object that cannot be an entry but holds others. */
const isDocument = (row: unknown): boolean =>
  typeof row === 'object' &&
  row !== null &&
  !('url' in row) &&
  Object.values(row).some(value => typeof value === 'object' && value !== null)

/** Brackets are counted first: hardly any line has enough of them to be worth the walk. */
const isTooDeep = (line: string, row: unknown): boolean =>
  count(line, '{') + count(line, '[') > maxDepth && isDeeper(row, maxDepth)

const count = (line: string, character: string): number => {
  let found = 0
  for (let at = line.indexOf(character); at >= 0; at = line.indexOf(character, at + 1)) found++
  return found
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(child => isDeeper(child, levels - 1)))
