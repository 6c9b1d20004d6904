import type { Dispatcher } from 'undici'
import type { SyncError } from '../errors.js'
import type { Clock } from '../rate/clock.js'
import { wrap } from '../wrap.js'
import type { Connection } from './connection.js'
import type { Intake } from './flow-into.js'
import { contentLength, type Head, hasBody, isDelimited, toHead } from './head.js'
import { saysNothing, toProtocolError } from './protocol-error.js'
import { type WatchdogOptions, watchdog } from './watchdog.js'

export type ExchangeRequest = {
  method: 'GET' | 'HEAD'
  url: URL
  headers: Record<string, string>
}

export type Deadlines = Pick<WatchdogOptions, 'timeoutMs' | 'stallMs' | 'minRate' | 'window' | 'remainingMs'>

/** How an exchange ended whose response was read as far as it was wanted. */
export type Exchanged = {
  head: Head
  bodyBytes: number
  /** Whether the end of the body was told by its length or by chunking, rather than by the end of the connection. */
  delimited: boolean
  /** Milliseconds from sending to the response headers. */
  roundTripMs: number
  /** Whether the response was read to its end, so that another can follow on the same connection. */
  reusable: boolean
}

export type ExchangeOptions = {
  connection: Connection
  deadlines: Deadlines
  /** The clock that the deadlines are told by. */
  clock: Clock
  /** Judges the head at once: where the body goes to (it is not ended), nothing to have the body discarded, or a throw to refuse it. */
  accept: (head: Head) => Intake | undefined
  /** Hears of TCP payload as it arrives. */
  onBytes: (bytes: number) => void
  /** Hears how to end the exchange early, with what reason. */
  onAbortable: (abort: (reason: SyncError) => void) => void
  /** Hears of the end, whatever it is: milliseconds that were not spent waiting for the Writable. */
  onOver: (activeMs: number) => void
}

/** Bodies that nobody wants are read up to here, to keep the connection; larger and longer ones cost the connection. */
const discardLimit = 64 * 1024
const discardMs = 2000

/** What comes before a head or around a body is read up to here, and around a body as many times as long as it: chunks of one byte take five. */
const emptyLimit = 256 * 1024
const mostAround = 8

/**
 * One request and its response on a leased connection. The body goes straight from the socket into the Writable that
 * `accept` returns, and the socket pauses while that is full. Rejects with a SyncError.
 */
export const exchange = (
  { method, url, headers }: ExchangeRequest,
  { connection, deadlines, clock, accept, onBytes, onAbortable, onOver }: ExchangeOptions,
): Promise<Exchanged> =>
  new Promise((resolve, reject) => {
    const sentAt = performance.now()
    let head: Head | undefined
    let target: Intake | undefined
    let bodyBytes = 0
    /** Bytes that were neither a head nor a body. */
    let emptyBytes = 0
    let roundTripMs = 0
    let isOver = false
    let cancelDiscard = () => {}

    const count = (): void => {
      const bytes = connection.arrived()
      if (bytes > 0) onBytes(bytes)
    }

    const settle = (): boolean => {
      if (isOver) return false
      isOver = true
      cancelDiscard()
      count()
      target?.off('error', abort)
      target?.off('drain', goOn)
      connection.resume()
      onOver(dog.stop())
      return true
    }

    const finish = (head: Head, reusable: boolean): void => {
      if (!settle()) return
      if (!reusable) connection.destroy()
      resolve({ head, bodyBytes, delimited: isDelimited(head, method), roundTripMs, reusable })
    }

    const abort = (reason: unknown): void => {
      if (!settle()) return
      connection.destroy()
      reject(wrap(reason))
    }

    /** What says nothing counts as well, and has no end by itself: interim responses, a status line, what comes with chunks. What of this read is body is yet to be told. */
    const onRead = (bytes: number): void => {
      if (isOver) return
      count()
      if (emptyBytes > emptyLimit + mostAround * bodyBytes) fail(saysNothing())
      emptyBytes += bytes
    }

    /** The origin or the link has failed; where nobody wants the body, the head has said everything. */
    const fail = (reason: unknown): void => {
      if (head && !target) finish(head, false)
      else abort(reason)
    }

    /** What the answer means is known from its head: nobody waits long for the rest. */
    const discard = (head: Head): void => {
      if (contentLength(head) > discardLimit) finish(head, false)
      else cancelDiscard = clock.after(discardMs, () => finish(head, false))
    }

    const goOn = (): void => {
      dog.resume()
      connection.resume()
    }

    const dog = watchdog({ clock, expire: fail, ...deadlines })
    onAbortable(abort)

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_controller, status, responseHeaders) {
        // Interim responses (1xx) only announce the real one; the timeout covers however many come.
        if (isOver || status < 200) return
        connection.head()
        emptyBytes = 0
        roundTripMs = performance.now() - sentAt
        head = toHead(status, responseHeaders)
        dog.head()
        try {
          target = accept(head)
        } catch (error) {
          return abort(error)
        }
        target?.on('error', abort)
        target?.on('drain', goOn)
        if (!target && hasBody(head, method)) discard(head)
      },
      onResponseData(_controller, chunk) {
        if (isOver || !head) return
        bodyBytes += chunk.length
        emptyBytes -= chunk.length
        dog.data(chunk.length)
        if (target) {
          // The chunk is the connection's, and the next read overwrites it.
          const isLent = target.takesAtOnce === true
          if (target.write(isLent ? chunk : Buffer.from(chunk)) || isLent) return
          dog.pause()
          connection.pause()
        } else if (bodyBytes > discardLimit) finish(head, false)
      },
      onResponseEnd() {
        if (!head) return
        const failure = connection.failure()
        // undici takes a reset for the end of a body that has no length.
        if (failure && !isDelimited(head, method)) fail(failure)
        else finish(head, !failure)
      },
      onResponseError(_controller, error) {
        fail(connection.failure() ?? toProtocolError(error, head !== undefined, connection))
      },
    }
    connection.begin(onRead)
    connection.client.dispatch(
      { method, path: url.pathname + url.search, headers, reset: false, blocking: false },
      handler,
    )
  })
