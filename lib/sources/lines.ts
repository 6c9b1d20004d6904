import { isUtf8 } from 'node:buffer'
import { BrokenRow } from '../bad-row.js'
import { SyncError } from '../errors.js'
import { type Emit, maxRowBytes, type Reader, type Start } from './reader.js'

export type LinesOptions = {
  start: Start
  /** The row that a line stands for, a BrokenRow, or undefined for none; `number` counts from 1. */
  toRow: (line: string, number: number) => unknown
  emit: Emit
  /** What may mend a first line that is too long. */
  ifTooLong?: string
}

/** Reads a manifest of one row per line: a line that is too long or not UTF-8 is one BrokenRow, a blank one is none. */
export const lineReader = ({ start, toRow, emit, ifTooLong }: LinesOptions): Reader => {
  let number = start.line
  let held: Buffer[] = []
  let heldBytes = 0
  let overlong = false

  const tooLong = (line: string): BrokenRow => {
    const advice = ifTooLong !== undefined && number === start.line ? `; ${ifTooLong}` : ''
    return brokenLine(number, `is over 1 MiB${advice}`, line)
  }

  const readLine = (line: string): void => {
    if (line.length > maxRowBytes / 3 && Buffer.byteLength(line) > maxRowBytes) emit(tooLong(line))
    else if (!blank.test(line)) {
      const row = toRow(line, number)
      if (row !== undefined) emit(row)
    }
    number++
  }

  const readLines = (bytes: Buffer): void => {
    if (isUtf8(bytes)) for (const line of bytes.toString().split('\n')) readLine(line)
    else if (bytes.includes(newline)) for (const line of bytesOfLines(bytes)) readLines(line)
    else emit(brokenLine(number++, 'is not valid UTF-8', bytes.toString()))
  }

  const hold = (bytes: Buffer): void => {
    if (overlong || bytes.length === 0) return
    held.push(bytes)
    heldBytes += bytes.length
    overlong = heldBytes > maxRowBytes
    if (overlong) emit(tooLong(Buffer.concat(held).toString()))
    else if (held.length > maxHeld) held = [Buffer.concat(held)]
  }

  const release = (): void => {
    if (overlong) number++
    else readLines(Buffer.concat(held))
    held = []
    heldBytes = 0
    overlong = false
  }

  return {
    write(chunk) {
      const first = chunk.indexOf(newline)
      if (first < 0) return hold(chunk)
      hold(chunk.subarray(0, first))
      release()
      const last = chunk.lastIndexOf(newline)
      if (last > first) readLines(chunk.subarray(first + 1, last))
      hold(chunk.subarray(last + 1))
    },
    end: release,
  }
}

/** A line that stands for no row, and what is wrong with it. */
export const brokenLine = (number: number, fault: string, line: string): BrokenRow =>
  new BrokenRow(line.slice(0, 200), new SyncError('ERR_ENTRY_INVALID', `line ${number} ${fault}`))

const newline = 0x0a
const blank = /^[ \t\r]*$/

/** A line that comes byte by byte is gathered now and then, so that it costs little more than its bytes. */
const maxHeld = 1024

const bytesOfLines = function* (bytes: Buffer): Generator<Buffer> {
  let from = 0
  for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, from)) {
    yield bytes.subarray(from, to)
    from = to + 1
  }
  yield bytes.subarray(from)
}
