import { isUtf8 } from 'node:buffer'

/** The same text as bytes; a lone surrogate becomes a byte that UTF-8 does not have, so that decoding refuses it. */
export const toBytes = async function* (chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  let high = ''
  for await (const chunk of chunks) {
    if (typeof chunk !== 'string') {
      if (high) yield encode(high)
      high = ''
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      continue
    }
    const text = high + chunk
    high = /[\ud800-\udbff]$/.exec(text)?.[0] ?? ''
    yield encode(high ? text.slice(0, -1) : text)
  }
  if (high) yield encode(high)
}

const encode = (text: string): Buffer => {
  if (text.isWellFormed()) return Buffer.from(text)
  const pieces = text.split(/\p{Surrogate}/u).map(piece => Buffer.from(piece))
  return Buffer.concat(pieces.flatMap((piece, at) => (at === 0 ? [piece] : [Buffer.of(0xff), piece])))
}

/** Text up to the first byte that is not UTF-8. */
export type Decoded = { text: string; valid: boolean }

/** Decodes UTF-8 that comes in chunks: a character cut by their border waits for its rest, nothing is ever replaced. */
export const utf8Decoder = (): { write(chunk: Buffer): Decoded; end(): Decoded } => {
  let held = Buffer.alloc(0)
  return {
    write(chunk) {
      const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      const whole = wholeCharacters(bytes)
      held = Buffer.from(bytes.subarray(whole))
      return decode(bytes.subarray(0, whole))
    },
    end: () => decode(held),
  }
}

const decode = (bytes: Buffer): Decoded => {
  const text = bytes.toString()
  if (isUtf8(bytes)) return { text, valid: true }
  let at = text.indexOf('\ufffd')
  // A U+FFFD that stands in the bytes is a character like any other.
  while (standsAt(bytes, text, at)) at = text.indexOf('\ufffd', at + 1)
  return { text: text.slice(0, at), valid: false }
}

const standsAt = (bytes: Buffer, text: string, at: number): boolean => {
  const offset = Buffer.byteLength(text.slice(0, at))
  return bytes.subarray(offset, offset + replacement.length).equals(replacement)
}

const replacement = Buffer.from('\ufffd')

/** How many of the bytes are whole characters: all but a sequence whose first byte asks for more than is there. */
const wholeCharacters = (bytes: Buffer): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte >= 0xc0) return back < sequenceLength(byte) ? bytes.length - back : bytes.length
    if (byte < 0x80) break
  }
  return bytes.length
}

const sequenceLength = (first: number): number => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2)
