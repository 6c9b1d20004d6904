import type { Duplex } from 'node:stream'
import { SyncError } from '../errors.js'
import { bound, codingOf, decoding } from './decoding.js'
import { contentLength, type Head } from './head.js'
import { isAccepted } from './media-type.js'

export type DemandsOptions = {
  /** Length that the stored bytes must have. */
  size: number | undefined
  /** Most bytes that an asset may have. */
  maxBytes: number
  /** Media types that an asset may have. */
  accept: string
}

/** What is demanded of an asset, as far as its head or the flow of its body can break it. */
export type Demands = {
  /** Throws ERR_BODY_SHORT, ERR_BODY_LONG or ERR_TOO_LARGE for a length that nothing can put right. */
  checkLength(bytes: number): void
  /** Throws ERR_TYPE; `told` is the type that an earlier answer gave, which a part need not give again. */
  checkType(head: Head, told?: string): void
  /** What a whole body flows through: a decoder, and a bound where its length is not known. */
  through(head: Head): Duplex[]
}

export const demands = ({ size, maxBytes, accept }: DemandsOptions): Demands => {
  const limit = Math.min(maxBytes, size ?? Number.POSITIVE_INFINITY)
  const isBounded = limit < Number.POSITIVE_INFINITY

  const tooMuch = (): SyncError =>
    limit === size
      ? new SyncError('ERR_BODY_LONG', `expected ${size} bytes, got more`)
      : new SyncError('ERR_TOO_LARGE', `the asset has more than the ${maxBytes} bytes of --max-size`)

  return {
    checkLength(bytes) {
      if (bytes > maxBytes)
        throw new SyncError('ERR_TOO_LARGE', `the asset has ${bytes} bytes, --max-size is ${maxBytes}`)
      if (size === undefined || bytes === size) return
      const code = bytes < size ? 'ERR_BODY_SHORT' : 'ERR_BODY_LONG'
      throw new SyncError(code, `expected ${size} bytes, the origin has ${bytes}`, { scope: 'entry' })
    },
    checkType({ headers }, told) {
      const type = headers['content-type'] ?? told
      if (accept !== '*/*' && !isAccepted(accept, type))
        throw new SyncError('ERR_TYPE', `expected ${accept}, got ${type ?? 'no Content-Type'}`)
    },
    through(head) {
      const coding = codingOf(head)
      const isLengthKnown = coding === undefined && !Number.isNaN(contentLength(head))
      return [
        ...decoding({ coding, bounded: isBounded }),
        ...(isBounded && !isLengthKnown ? [bound({ maxBytes: limit, toError: tooMuch })] : []),
      ]
    },
  }
}
