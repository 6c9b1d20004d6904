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
  through(head: Head): readonly Duplex[]
}

export const demands = (options: DemandsOptions): Demands => new AssetDemands(options)

/** A class, as there is one for every asset. */
class AssetDemands implements Demands {
  readonly #options: DemandsOptions

  constructor(options: DemandsOptions) {
    this.#options = options
  }

  checkLength(bytes: number): void {
    const { size, maxBytes } = this.#options
    if (bytes > maxBytes)
      throw new SyncError('ERR_TOO_LARGE', `the asset has ${bytes} bytes, --max-size is ${maxBytes}`)
    if (size === undefined || bytes === size) return
    const code = bytes < size ? 'ERR_BODY_SHORT' : 'ERR_BODY_LONG'
    throw new SyncError(code, `expected ${size} bytes, the origin has ${bytes}`, { scope: 'entry' })
  }

  checkType({ headers }: Head, told?: string): void {
    const { accept } = this.#options
    if (accept === '*/*') return
    const type = headers['content-type'] ?? told
    if (!isAccepted(accept, type))
      throw new SyncError('ERR_TYPE', `expected ${accept}, got ${type ?? 'no Content-Type'}`)
  }

  through(head: Head): readonly Duplex[] {
    const coding = codingOf(head)
    const isLengthKnown = coding === undefined && !Number.isNaN(contentLength(head))
    if (isLengthKnown) return nothing
    const { size, maxBytes } = this.#options
    const limit = Math.min(maxBytes, size ?? Number.POSITIVE_INFINITY)
    const bounded = limit < Number.POSITIVE_INFINITY
    const way = decoding({ coding, bounded })
    return bounded ? [...way, bound({ maxBytes: limit, toError: () => this.#tooMuch(limit) })] : way
  }

  #tooMuch(limit: number): SyncError {
    const { size, maxBytes } = this.#options
    return limit === size
      ? new SyncError('ERR_BODY_LONG', `expected ${size} bytes, got more`)
      : new SyncError('ERR_TOO_LARGE', `the asset has more than the ${maxBytes} bytes of --max-size`)
  }
}

/** What most bodies flow through. */
const nothing: readonly Duplex[] = []

/** What a part flows through: no byte may come that its Content-Range of `bytes` does not speak of. Throws ERR_HTTP_PROTOCOL where its head tells that some will. */
export const throughPart = (head: Head, bytes: number): readonly Duplex[] => {
  const length = contentLength(head)
  const toError = () =>
    new SyncError('ERR_HTTP_PROTOCOL', `the origin sent a part of ${bytes} bytes that has more or less`)
  if (Number.isNaN(length)) return [bound({ maxBytes: bytes, toError })]
  if (length !== bytes) throw toError()
  return nothing
}
