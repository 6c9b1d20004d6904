import { brokenManifest, type Reader, type Start } from './reader.js'

/**
 * Passes over a byte order mark and blanks, however many, and opens the reader that the first bytes after them call
 * for: at least as many as the longest of `signs`, unless they are none of them. A blank manifest opens none.
 */
export const opening = (signs: readonly Buffer[], open: (head: Buffer, start: Start) => Reader): Reader => {
  let head = Buffer.alloc(0)
  let offset = 0
  let line = 1
  let marked = false
  let reader: Reader | undefined

  const pass = (count: number): void => {
    for (const byte of head.subarray(0, count)) if (byte === newline) line++
    offset += count
    head = head.subarray(count)
  }

  const passMark = (): void => {
    if (opens(head, gzipMark))
      throw brokenManifest('expected UTF-8, got gzip; unpack it first: gzip -dc FILE | sluice …', offset)
    if (utf16Marks.some(mark => opens(head, mark)))
      throw brokenManifest('expected UTF-8, got a byte order mark of UTF-16', offset)
    if (opens(head, utf8Mark)) pass(utf8Mark.length)
    marked = true
  }

  const passBlanks = (): void => {
    const first = head.findIndex(byte => !blanks.has(byte))
    pass(first < 0 ? head.length : first)
  }

  const begin = (): void => {
    reader = open(head, { offset, line })
    reader.write(head)
  }

  return {
    write(chunk) {
      if (reader) return reader.write(chunk)
      head = Buffer.concat([head, chunk])
      if (!marked && mayBecome(head, [utf8Mark, gzipMark, ...utf16Marks])) return
      if (!marked) passMark()
      passBlanks()
      if (!mayBecome(head, signs)) begin()
    },
    end() {
      if (!marked) passMark()
      if (!reader) passBlanks()
      if (!reader && head.length > 0) begin()
      reader?.end()
    },
  }
}

const newline = 0x0a
const blanks = new Set(Buffer.from(' \t\r\n'))
const utf8Mark = Buffer.of(0xef, 0xbb, 0xbf)
/** RFC 1952 section 2.3.1. */
const gzipMark = Buffer.of(0x1f, 0x8b)
const utf16Marks = [Buffer.of(0xff, 0xfe), Buffer.of(0xfe, 0xff)]

const opens = (bytes: Buffer, sign: Buffer): boolean => bytes.subarray(0, sign.length).equals(sign)

const mayBecome = (bytes: Buffer, signs: readonly Buffer[]): boolean =>
  signs.some(sign => sign.length > bytes.length && opens(sign, bytes))
