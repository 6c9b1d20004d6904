import { Duplex, Transform } from 'node:stream'
import zlib from 'node:zlib'
import { SyncError } from '../errors.js'
import type { Head } from './head.js'

export type BoundOptions = {
  /** Most bytes that may pass. */
  maxBytes: number
  /** The error that one byte more is. */
  toError: () => SyncError
}

/** A byte Transform that fails instead of passing more than `maxBytes`. */
export const bound = ({ maxBytes, toError }: BoundOptions): Transform => {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      passed += chunk.length
      if (passed > maxBytes) callback(toError())
      else callback(null, chunk)
    },
  })
}

/** How a body is encoded, in lower case and by its proper name (RFC 9110 section 8.4.1.3); undefined where it is what it is. */
export const codingOf = ({ headers }: Head): string | undefined => {
  const coding = headers['content-encoding']?.trim().toLowerCase()
  if (coding === 'x-gzip') return 'gzip'
  return coding === '' || coding === 'identity' ? undefined : coding
}

export type DecodingOptions = {
  coding: string | undefined
  /** Whether `--max-size` or a demanded size bounds the decoded bytes already. */
  bounded: boolean
}

/** What a decoded body may grow to, as a multiple of what came over the wire, where nothing else bounds it. */
const maxRatio = 100

/** What undoes a Content-Encoding that was sent although none was asked for; throws ERR_ENCODING for one we do not know. */
export const decoding = ({ coding, bounded }: DecodingOptions): Duplex[] => {
  if (coding === undefined) return []
  const open = decoders.get(coding)
  if (!open)
    throw new SyncError('ERR_ENCODING', `expected gzip, deflate or br, got Content-Encoding ${coding}`)
  return [unpack(open, bounded ? Number.POSITIVE_INFINITY : maxRatio)]
}

type Decoder = zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress

/** A Map, since the name comes from the origin: an object would know "constructor", too. */
const decoders = new Map<string, (firstByte: number) => Decoder>([
  ['gzip', () => zlib.createGunzip()],
  // RFC 9110 section 8.4.1.2 wants zlib's wrapping, which always begins with an 8; some servers leave it out.
  ['deflate', first => ((first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw())],
  ['br', () => zlib.createBrotliDecompress()],
])

/** Small bodies may well be all blanks: the ratio counts from 1 MiB on. */
const ratioFloor = 1024 * 1024

/** Decodes with what `open` makes of the first byte. A body without bytes is an empty one, whatever its encoding. */
const unpack = (open: (firstByte: number) => Decoder, ratio: number): Duplex => {
  let decoder: Decoder | undefined
  let unpacked = 0

  const start = (firstByte: number): Decoder => {
    const made = open(firstByte)
    made.on('data', (part: Buffer) => {
      unpacked += part.length
      if (unpacked > ratioFloor && unpacked > ratio * made.bytesWritten)
        return duplex.destroy(
          new SyncError('ERR_ENCODING', `the body unpacks to more than ${ratio} times its size`),
        )
      if (!duplex.push(part)) made.pause()
    })
    made.on('end', () => duplex.push(null))
    made.on('error', error => duplex.destroy(error))
    return made
  }

  const duplex = new Duplex({
    write(chunk: Buffer, _encoding, callback) {
      decoder ??= start(chunk[0] ?? 0)
      decoder.write(chunk, callback)
    },
    final(callback) {
      if (decoder) decoder.end(callback)
      else {
        this.push(null)
        callback()
      }
    },
    read() {
      decoder?.resume()
    },
    destroy(error, callback) {
      decoder?.destroy()
      callback(error)
    },
  })
  return duplex
}
