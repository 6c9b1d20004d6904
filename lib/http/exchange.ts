import type { Dispatcher } from 'undici'
import type { SyncError } from '../errors.js'
import type { Clock } from '../rate/clock.js'
import { wrap } from '../wrap.js'
import type { Connection } from './connection.js'
import type { Intake } from './flow-into.js'
import { contentLength, type Head, hasBody, isDelimited, toHead } from './head.js'
import { saysNothing, toProtocolError } from './protocol-error.js'
import { type Watchdog, type WatchdogOptions, watchdog } from './watchdog.js'

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
export const exchange = (request: ExchangeRequest, options: ExchangeOptions): Promise<Exchanged> =>
  new Promise((resolve, reject) => {
    new Exchange(request, options, { resolve, reject }).send()
  })

type Settling = { resolve: (exchanged: Exchanged) => void; reject: (reason: unknown) => void }

/** A class, as there is one for every request: a dozen functions of its own for each would be a good part of what a small asset takes. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest
  readonly #options: ExchangeOptions
  readonly #settling: Settling
  readonly #dog: Watchdog
  readonly #sentAt = performance.now()
  #head: Head | undefined
  #target: Intake | undefined
  #bodyBytes = 0
  /** Bytes that were neither a head nor a body. */
  #emptyBytes = 0
  #roundTripMs = 0
  #isOver = false
  #isPaused = false
  #cancelDiscard: (() => void) | undefined

  constructor(request: ExchangeRequest, options: ExchangeOptions, settling: Settling) {
    const { deadlines, clock } = options
    this.#request = request
    this.#options = options
    this.#settling = settling
    this.#dog = watchdog({
      clock,
      expire: error => this.#fail(error),
      timeoutMs: deadlines.timeoutMs,
      stallMs: deadlines.stallMs,
      minRate: deadlines.minRate,
      window: deadlines.window,
      remainingMs: deadlines.remainingMs,
    })
  }

  send(): void {
    const { method, url, headers } = this.#request
    const { connection } = this.#options
    this.#options.onAbortable(this.#abort)
    connection.begin(bytes => this.#onRead(bytes))
    const path = url.pathname + url.search
    connection.client.dispatch({ method, path, headers, reset: false, blocking: false }, this)
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Parameters<typeof toHead>[1],
  ): void {
    // Interim responses (1xx) only announce the real one; the timeout covers however many come.
    if (this.#isOver || status < 200) return
    const { connection } = this.#options
    connection.head()
    this.#emptyBytes = 0
    this.#roundTripMs = performance.now() - this.#sentAt
    const head = toHead(status, headers)
    this.#head = head
    this.#dog.head()
    try {
      this.#target = this.#options.accept(head)
    } catch (error) {
      this.#abort(error)
      return
    }
    this.#target?.on('error', this.#abort)
    if (!this.#target && hasBody(head, this.#request.method)) this.#discard(head)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver || !this.#head) return
    this.#bodyBytes += chunk.length
    this.#emptyBytes -= chunk.length
    this.#dog.data(chunk.length)
    const target = this.#target
    if (target) {
      // The chunk is the connection's, and the next read overwrites it.
      const isLent = target.takesAtOnce === true
      if (target.write(isLent ? chunk : Buffer.from(chunk)) || isLent) return
      this.#pause(target)
    } else if (this.#bodyBytes > discardLimit) this.#finish(this.#head, false)
  }

  onResponseEnd(): void {
    const head = this.#head
    if (!head) return
    const failure = this.#options.connection.failure()
    // undici takes a reset for the end of a body that has no length.
    if (failure && !isDelimited(head, this.#request.method)) this.#fail(failure)
    else this.#finish(head, !failure)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { connection } = this.#options
    this.#fail(connection.failure() ?? toProtocolError(error, this.#head !== undefined, connection))
  }

  readonly #abort = (reason: unknown): void => {
    if (!this.#settle()) return
    this.#options.connection.destroy()
    this.#settling.reject(wrap(reason))
  }

  #finish(head: Head, reusable: boolean): void {
    if (!this.#settle()) return
    if (!reusable) this.#options.connection.destroy()
    this.#settling.resolve({
      head,
      bodyBytes: this.#bodyBytes,
      delimited: isDelimited(head, this.#request.method),
      roundTripMs: this.#roundTripMs,
      reusable,
    })
  }

  #settle(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#cancelDiscard?.()
    this.#count()
    this.#target?.off('error', this.#abort)
    this.#options.connection.resume()
    this.#options.onOver(this.#dog.stop())
    return true
  }

  #count(): void {
    const bytes = this.#options.connection.arrived()
    if (bytes > 0) this.#options.onBytes(bytes)
  }

  /** What says nothing counts as well, and has no end by itself: interim responses, a status line, what comes with chunks. What of this read is body is yet to be told. */
  #onRead(bytes: number): void {
    if (this.#isOver) return
    this.#count()
    if (this.#emptyBytes > emptyLimit + mostAround * this.#bodyBytes) this.#fail(saysNothing())
    this.#emptyBytes += bytes
  }

  /** The origin or the link has failed; where nobody wants the body, the head has said everything. */
  #fail(reason: unknown): void {
    if (this.#head && !this.#target) this.#finish(this.#head, false)
    else this.#abort(reason)
  }

  /** What the answer means is known from its head: nobody waits long for the rest. */
  #discard(head: Head): void {
    if (contentLength(head) > discardLimit) this.#finish(head, false)
    else this.#cancelDiscard = this.#options.clock.after(discardMs, () => this.#finish(head, false))
  }

  #pause(target: Intake): void {
    // What was read already still comes, chunk by chunk.
    if (this.#isPaused) return
    this.#isPaused = true
    this.#dog.pause()
    this.#options.connection.pause()
    target.once('drain', () => {
      this.#isPaused = false
      if (this.#isOver) return
      this.#dog.resume()
      this.#options.connection.resume()
    })
  }
}
