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
  /** From its abort on no grant is waited for, with its reason; what needs none still passes. */
  patience?: AbortSignal | undefined
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
  patience,
  onGrant = () => {},
  largestGrant = 64 * 1024,
}: ThrottleOptions): Transform => {
  if (typeof pool?.grant !== 'function')
    throw new SyncError('ERR_OPTION', 'pool: expected one such as localPool gives')
  demandAmount('largestGrant', largestGrant, 1)
  // A body that ends early must not go on waiting: what it was granted then would be lost to the others.
  const ended = new AbortController()
  const end = () => void stream.destroy(signal?.reason)
  const stopWaiting = () => ended.abort(patience?.reason)

  const pass = async (chunk: Buffer, push: (part: Buffer) => void): Promise<void> => {
    for (let from = 0; from < chunk.length; from += largestGrant) {
      const part = chunk.subarray(from, from + largestGrant)
      await pool.grant({ requests: 0, bytes: part.length }, { origin, signal: ended.signal })
      onGrant(part.length)
      push(part)
    }
  }
  const stream = new Transform({
    // One chunk at a time: what waits for its grant stays in the kernel, not here.
    writableHighWaterMark: 1,
    transform(chunk: Buffer, _encoding, callback) {
      pass(chunk, part => this.push(part)).then(() => callback(), callback)
    },
    destroy(error, callback) {
      signal?.removeEventListener('abort', end)
      patience?.removeEventListener('abort', stopWaiting)
      ended.abort(error)
      callback(error)
    },
  })
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end, { once: true })
  if (patience?.aborted) stopWaiting()
  else patience?.addEventListener('abort', stopWaiting, { once: true })
  return stream
}
