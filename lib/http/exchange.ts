import type { IncomingHttpHeaders } from 'node:http'
import type { Writable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { SyncError, wrap } from '../errors.js'
import type { Connection } from './connections.js'
import { watchdog } from './watchdog.js'

export type Head = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

export type ExchangeRequest = {
  method: 'GET' | 'HEAD'
  url: URL
  headers: Record<string, string>
}

export type Deadlines = { timeoutMs: number; stallMs: number; minRate: number; remainingMs: number }

/** How an exchange ended whose response was read as far as it was wanted. */
export type Exchanged = {
  head: Head
  bodyBytes: number
  /** Whether the end of the body was told by its length or by chunking, rather than by the end of the connection. */
  delimited: boolean
  /** Milliseconds from sending to the response headers. */
  roundTripMs: number
  /** Whether the connection can be used again. */
  reusable: boolean
}

export type ExchangeOptions = {
  connection: Connection
  deadlines: Deadlines
  /** Judges the head at once: the Writable that the body goes to (it is not ended), nothing to have the body discarded, or a throw to refuse it. */
  accept: (head: Head) => Writable | undefined
  /** Hears of TCP payload as it arrives. */
  onBytes: (bytes: number) => void
  /** Hears how to end the exchange early, with what reason. */
  onAbortable: (abort: (reason: SyncError) => void) => void
}

/** Bodies that nobody wants are read up to here, to keep the connection; larger ones cost the connection. */
const discardLimit = 64 * 1024

/**
 * One request and its response on a leased connection. The body goes straight from the socket into the Writable that
 * `accept` returns, and the socket pauses while that is full. Rejects with a SyncError.
 */
export const exchange = (
  { method, url, headers }: ExchangeRequest,
  { connection, deadlines, accept, onBytes, onAbortable }: ExchangeOptions,
): Promise<Exchanged> =>
  new Promise((resolve, reject) => {
    const sentAt = performance.now()
    let controller: Dispatcher.DispatchController | undefined
    let head: Head | undefined
    let target: Writable | undefined
    let bodyBytes = 0
    let roundTripMs = 0
    let seen = connection.received()
    let over = false

    const count = (): void => {
      const received = connection.received()
      if (received > seen) onBytes(received - seen)
      seen = received
    }

    const settle = (): boolean => {
      if (over) return false
      over = true
      dog.stop()
      count()
      target?.off('error', abort)
      target?.off('drain', goOn)
      return true
    }

    const finish = (reusable: boolean): void => {
      if (!head || !settle()) return
      resolve({ head, bodyBytes, delimited: isDelimited(head, method), roundTripMs, reusable })
    }

    const abort = (reason: unknown): void => {
      if (!settle()) return
      connection.destroy()
      reject(wrap(reason))
    }

    const goOn = (): void => {
      dog.resume()
      controller?.resume()
    }

    const dog = watchdog({ ...deadlines, expire: abort })
    onAbortable(abort)

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started
      },
      onResponseStart(_controller, status, responseHeaders) {
        // Interim responses (1xx) only announce the real one; the timeout covers however many come.
        if (over || status < 200) return
        count()
        roundTripMs = performance.now() - sentAt
        head = { status, headers: responseHeaders }
        dog.head()
        try {
          target = accept(head)
        } catch (error) {
          return abort(error)
        }
        target?.on('error', abort)
        target?.on('drain', goOn)
      },
      onResponseData(_controller, chunk) {
        if (over) return
        count()
        bodyBytes += chunk.length
        dog.data(chunk.length)
        if (target) {
          if (target.write(chunk)) return
          dog.pause()
          controller?.pause()
        } else if (bodyBytes > discardLimit) {
          finish(false)
          connection.destroy()
        }
      },
      onResponseEnd() {
        const failure = connection.failure()
        // undici takes a reset for the end of a body that has no length.
        if (failure && head && !isDelimited(head, method)) return abort(failure)
        finish(!failure)
      },
      onResponseError(_controller, error) {
        abort(toBodyError(error, head, connection))
      },
    }
    try {
      connection.client.dispatch(
        { method, path: url.pathname + url.search, headers, reset: false, blocking: false },
        handler,
      )
    } catch (error) {
      abort(error)
    }
  })

/** Whether the response says itself where its body ends (RFC 9112 section 6.3). */
const isDelimited = ({ status, headers }: Head, method: string): boolean =>
  method === 'HEAD' ||
  status === 204 ||
  status === 304 ||
  headers['content-length'] !== undefined ||
  /\bchunked\s*$/i.test(headers['transfer-encoding'] ?? '')

/** A connection that ends within a body is a short body; undici calls it a closed socket. A socket's own error tells more than undici's. */
const toBodyError = (error: Error, head: Head | undefined, connection: Connection): unknown => {
  const { code } = error as NodeJS.ErrnoException
  const failure = connection.failure()
  if (code === 'UND_ERR_SOCKET' && failure) return failure
  if (head && code === 'UND_ERR_SOCKET')
    return new SyncError('ERR_BODY_SHORT', 'the connection ended before the body did', { cause: error })
  return error
}
