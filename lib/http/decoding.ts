import { Transform } from 'node:stream'
import zlib from 'node:zlib'
import { SyncError } from '../errors.js'

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

/** What a decoded body may grow to, as a multiple of what came over the wire, where nothing else bounds it. */
const maxRatio = 100

export type DecodingOptions = {
  /** The Content-Encoding as sent; undefined and `identity` need no decoding. */
  encoding: string | undefined
  /** Whether `--max-size` or a demanded size bounds the decoded bytes already. */
  bounded: boolean
}

/** The Transforms that undo a Content-Encoding that was sent although none was asked for; throws ERR_ENCODING for one we do not know. */
export const decoding = ({ encoding, bounded }: DecodingOptions): Transform[] => {
  const name = encoding?.trim().toLowerCase()
  if (!name || name === 'identity') return []
  const decoder = decoders[name]?.()
  if (!decoder)
    throw new SyncError('ERR_ENCODING', `expected gzip, deflate or br, got Content-Encoding ${encoding}`)
  return bounded ? [decoder] : [decoder, ratioBound(() => decoder.bytesWritten)]
}

const decoders: Record<string, () => zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
}

/** Small bodies may well be all blanks: the ratio counts from 1 MiB on. */
const ratioFloor = 1024 * 1024

const ratioBound = (wireBytes: () => number): Transform => {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      passed += chunk.length
      if (passed > ratioFloor && passed > maxRatio * wireBytes())
        callback(new SyncError('ERR_ENCODING', `the body unpacks to more than ${maxRatio} times its size`))
      else callback(null, chunk)
    },
  })
}
