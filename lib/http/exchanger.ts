import type { SyncError } from '../errors.js'
import { type Clock, systemClock } from '../rate/clock.js'
import { type Member, Roster } from '../roster.js'
import type { Work } from '../work.js'
import { wrap } from '../wrap.js'
import type { Connection } from './connection.js'
import type { Connections } from './connections.js'
import {
  type Deadlines,
  type Exchanged,
  type ExchangeOptions,
  type ExchangeRequest,
  exchange,
} from './exchange.js'
import type { Intake } from './flow-into.js'
import type { Head } from './head.js'

/** How long an origin may take. */
export type OriginDeadlines = Pick<Deadlines, 'timeoutMs' | 'stallMs' | 'minRate'> & {
  /** Longest time an asset may take in all. */
  maxTimeMs: number
}

export type ExchangerOptions = {
  connections: Connections
  deadlines: (origin: string) => OriginDeadlines
  /** Hears of TCP payload as it arrives. */
  onBytes: (bytes: number) => void
  /** Ends every exchange under way. */
  aborted: AbortSignal
  clock?: Clock
}

/** Whom an exchange is for: where its body goes, and what it is charged to. */
export type Own = { accept(head: Head): Intake | undefined; readonly work: Work }

export type Exchanger = {
  /** One exchange with the origin of the URL, charged to `work`; `accept` is that of `exchange`. */
  exchange(request: ExchangeRequest, options: Own): Promise<Exchanged>
  /** Begins a connection for an exchange that will follow. */
  prepare(origin: string): void
  /** Closes the connections that are idle. */
  relieve(): void
  /** Closes the connections. */
  close(): void
}

/** Exchanges over leased connections, which the run can end all at once. */
export const exchanger = ({
  connections,
  deadlines,
  onBytes,
  aborted,
  clock = systemClock,
}: ExchangerOptions): Exchanger => {
  // One listener for all exchanges: one each would cost more than many an exchange.
  const live = new Roster<Charged>()
  const abortAll = () => {
    for (const charged of live.all()) charged.abort(wrap(aborted.reason))
  }
  aborted.addEventListener('abort', abortAll, { once: true })

  const exchangeOver = (connection: Connection, request: ExchangeRequest, own: Own): Promise<Exchanged> => {
    const { origin } = request.url
    const { followsHead } = connection
    connection.followsHead = request.method === 'HEAD'
    const charged = new Charged(connection, own, { clock, onBytes, deadlines: deadlines(origin) })
    live.enter(charged)
    return exchange(request, charged).then(
      exchanged => {
        live.leave(charged)
        connections.release(connection, { broken: !exchanged.reusable })
        return exchanged
      },
      error => {
        live.leave(charged)
        connections.release(connection, { broken: true })
        const { code, scope } = wrap(error)
        const isOfBefore =
          code === 'ERR_NETWORK' || (followsHead && code === 'ERR_HTTP_PROTOCOL' && scope === 'attempt')
        if (!connection.isReused || charged.isAnswered || !isOfBefore) throw error
        // The origin closed the connection while it was idle (RFC 9112 section 9.3.1), or has sent a body after a HEAD: no fault of this
        // request, and no attempt.
        return exchangeOver(connections.lease(origin, { fresh: true }), request, own)
      },
    )
  }

  return {
    exchange(request, options) {
      if (aborted.aborted) return Promise.reject(wrap(aborted.reason))
      return exchangeOver(connections.lease(request.url.origin), request, options)
    },
    prepare: connections.prepare,
    relieve: connections.relieve,
    close() {
      aborted.removeEventListener('abort', abortAll)
      connections.close()
    },
  }
}

/** One exchange, charged to the work that it is done for. */
class Charged implements ExchangeOptions, Member {
  seat = -1
  readonly connection: Connection
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Whether the head of an answer has come. */
  isAnswered = false
  readonly #own: Own
  readonly #tell: (bytes: number) => void
  /** Ends the exchange early, with a reason. */
  abort: (reason: SyncError) => void = () => {}

  constructor(connection: Connection, own: Own, { clock, onBytes, deadlines }: Shared) {
    const { timeoutMs, stallMs, minRate, maxTimeMs } = deadlines
    const { work } = own
    this.connection = connection
    this.clock = clock
    const remainingMs = maxTimeMs - work.activeMs
    this.deadlines = { timeoutMs, stallMs, minRate, window: work.window, remainingMs }
    this.#own = own
    this.#tell = onBytes
  }

  accept(head: Head): Intake | undefined {
    this.isAnswered = true
    return this.#own.accept(head)
  }

  onBytes(bytes: number): void {
    this.#own.work.received += bytes
    this.#tell(bytes)
  }

  onAbortable(abort: Charged['abort']): void {
    this.abort = abort
  }

  onOver(activeMs: number): void {
    this.#own.work.activeMs += activeMs
  }
}

/** What all exchanges have in common. */
type Shared = {
  clock: Clock
  onBytes: (bytes: number) => void
  deadlines: OriginDeadlines
}
