import type net from 'node:net'
import { SyncError } from '../errors.js'

/*
 * A socket of Node reads into 64 KiB of fresh memory each time: the kernel, undici's parser and the write to the disk then each go
 * through memory that no cache holds, which takes longer than all else that is done for a large body. Here every socket reads into the
 * same memory instead. That is safe because nothing else is read before what has been read is dealt with: undici takes it in the very
 * next tick, unless it is told to pause, and of what it took it keeps the pieces of a head that is not complete (and of trailers, which
 * nobody here looks at). A response whose head comes in pieces, as few do, is copied. Whoever gets round that, by accident or on
 * purpose, has lost the connection before it can take anything of what came later.
 */

/** How a socket reads: chunks are lent, and valid until the tick in which they are taken is over. */
export type LentReads = {
  readonly onread: net.OnReadOpts
  readonly highWaterMark: number
  /** A response is about to come, whose head may arrive in pieces. */
  begin(): void
  /** The head of the response is there. */
  head(): void
}

export type LentReadsOptions = {
  /** Reads no more at a time than this. */
  readonly bytes?: number | undefined
  /** The socket that reads. */
  readonly socket: () => net.Socket | undefined
  /** Whether what arrives now has to wait. */
  readonly isPaused: () => boolean
}

/** As much as a second-level cache holds; larger ones are hardly quicker, and a body that has to wait would keep as much. */
const shared = Buffer.allocUnsafeSlow(256 * 1024)

/** A socket that is lent what `shared` holds. */
type Borrower = {
  /** Whether nothing of it is needed any more. */
  isDone(): boolean
  /** Breaks the connection off. */
  fail(): void
}

/** Who was lent what was read last. */
let borrower: Borrower | undefined

export const lentReads = ({ bytes, socket, isPaused }: LentReadsOptions): LentReads => {
  const buffer = bytes === undefined ? shared : shared.subarray(0, bytes)
  let isInHead = true
  /** Whether the head of the response was whole in its first chunk; undefined before that. */
  let isHeadWhole: boolean | undefined

  const self: Borrower = {
    isDone: () => !isInHead && socket()?.readableLength === 0,
    fail: () => socket()?.destroy(overwritten()),
  }

  const mayLend = (to: net.Socket, chunk: Buffer): boolean => {
    isHeadWhole ??= hasWholeHead(chunk)
    // Only who listens, and has nothing else to take first, takes it at once.
    return isHeadWhole && !isPaused() && to.readableLength === 0 && to.listenerCount('readable') > 0
  }

  return {
    onread: {
      buffer,
      callback(length) {
        if (borrower?.isDone() === false) borrower.fail()
        borrower = undefined
        const to = socket()
        if (!to || to.destroyed) return false
        const chunk = buffer.subarray(0, length)
        if (!mayLend(to, chunk)) return to.push(Buffer.from(chunk))
        borrower = self
        // To stop and start with every chunk would ask the kernel for that each time; where reading is paced, it has to be.
        return to.push(chunk) || bytes === undefined
      },
    },
    // For what has to wait.
    highWaterMark: Math.min(buffer.length, 64 * 1024),
    begin() {
      // The head of the next response says nothing against what was lent of this one.
      if (borrower === self && self.isDone()) borrower = undefined
      isInHead = true
      isHeadWhole = undefined
    },
    head() {
      isInHead = false
    },
  }
}

/** Whether a chunk that begins a response has all of its head; interim ones are followed by another. */
const hasWholeHead = (chunk: Buffer): boolean =>
  chunk.toString('latin1', 0, success.length) === success && chunk.includes('\r\n\r\n')

const success = 'HTTP/1.1 2'

const overwritten = (): SyncError =>
  new SyncError('ERR_HTTP_PROTOCOL', 'what was read was not taken in time', { scope: 'attempt' })
