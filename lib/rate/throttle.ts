import { Transform } from 'node:stream'
import { demandAmount } from '../demand-amount.js'
import { SyncError } from '../errors.js'
import type { RatePool } from './pool.js'

/** What a throttle takes its bytes from, and for whom. */
export type ThrottleOptions = {
  /** The budget: that of a run, or one of its own, as `localPool({ bytesPerSecond })` gives it. */
  pool: RatePool
  /** In whose turn bytes are asked for: origins share a pool in equal parts. */
  origin?: string
  /** Ends the stream, and its wait for a grant, with the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * Bytes that are to be granted; what comes after them passes at once. Of a body of which some was granted before it began, that is
   * the rest: the last bytes are then what the kernel holds while the first ones wait, and nothing arrives ungranted.
   */
  toGrant?: number
  /** Hears of bytes as they are granted. */
  onGrant?: (bytes: number) => void
  /** Larger chunks are split, so that one body cannot take the pool for long. */
  largestGrant?: number
}

/**
 * A byte Transform that lets bytes pass only as the pool grants them. It delays reads, which cannot keep the kernel from
 * receiving ahead: where the origin knows byte ranges, ask for granted ranges instead. Throws ERR_OPTION for what cannot work.
 */
export const throttle = ({
  pool,
  origin = '',
  signal,
  toGrant = Number.POSITIVE_INFINITY,
  onGrant = () => {},
  largestGrant = 64 * 1024,
}: ThrottleOptions): Transform => {
  if (typeof pool?.grant !== 'function')
    throw new SyncError('ERR_OPTION', 'pool: expected one such as localPool gives')
  demandAmount('toGrant', toGrant, 0)
  demandAmount('largestGrant', largestGrant, 1)
  // A body that ends early must not go on waiting: what it was granted then would be lost to the others.
  const ended = new AbortController()
  const end = () => ended.abort(signal?.reason)
  if (signal?.aborted) end()
  signal?.addEventListener('abort', end, { once: true })

  const pass = async (chunk: Buffer, push: (part: Buffer) => void): Promise<void> => {
    let from = 0
    while (from < chunk.length && toGrant > 0) {
      const bytes = Math.min(largestGrant, chunk.length - from, toGrant)
      await pool.grant({ requests: 0, bytes }, { origin, signal: ended.signal })
      onGrant(bytes)
      push(chunk.subarray(from, from + bytes))
      toGrant -= bytes
      from += bytes
    }
    if (from < chunk.length) push(chunk.subarray(from))
  }
  return new Transform({
    // One chunk at a time: what waits for its grant stays in the kernel, not here.
    writableHighWaterMark: 1,
    transform(chunk: Buffer, _encoding, callback) {
      pass(chunk, part => this.push(part)).then(() => callback(), callback)
    },
    destroy(error, callback) {
      signal?.removeEventListener('abort', end)
      ended.abort(error)
      callback(error)
    },
  })
}
