import type { SyncError } from '../errors.js'
import { type Clock, systemClock } from '../rate/clock.js'
import type { Work } from '../work.js'
import { wrap } from '../wrap.js'
import type { Connection } from './connection.js'
import type { Connections } from './connections.js'
import { type Deadlines, type Exchanged, type ExchangeRequest, exchange } from './exchange.js'
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

export type Exchanger = {
  /** One exchange with the origin of the URL, charged to `work`; `accept` is that of `exchange`. */
  exchange(
    request: ExchangeRequest,
    options: { accept: (head: Head) => Intake | undefined; work: Work },
  ): Promise<Exchanged>
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
  const live = new Set<(reason: SyncError) => void>()
  const abortAll = () => {
    for (const abort of live) abort(wrap(aborted.reason))
  }
  aborted.addEventListener('abort', abortAll, { once: true })

  const exchangeOver = async (
    connection: Connection,
    request: ExchangeRequest,
    { accept, work }: Parameters<Exchanger['exchange']>[1],
  ): Promise<Exchanged> => {
    const { maxTimeMs, ...own } = deadlines(request.url.origin)
    let forget = () => {}
    let isAnswered = false
    const { followsHead } = connection
    connection.followsHead = request.method === 'HEAD'
    try {
      const exchanged = await exchange(request, {
        connection,
        deadlines: { remainingMs: maxTimeMs - work.activeMs, window: work.window, ...own },
        clock,
        accept(head) {
          isAnswered = true
          return accept(head)
        },
        onBytes(bytes) {
          work.received += bytes
          onBytes(bytes)
        },
        onAbortable(abort) {
          live.add(abort)
          forget = () => live.delete(abort)
        },
        onOver(activeMs) {
          work.activeMs += activeMs
        },
      })
      connections.release(connection, { broken: !exchanged.reusable })
      return exchanged
    } catch (error) {
      connections.release(connection, { broken: true })
      const { code, scope } = wrap(error)
      const isOfBefore =
        code === 'ERR_NETWORK' || (followsHead && code === 'ERR_HTTP_PROTOCOL' && scope === 'attempt')
      if (!connection.isReused || isAnswered || !isOfBefore) throw error
      // The origin closed the connection while it was idle (RFC 9112 section 9.3.1), or has sent a body after a HEAD: no fault of this request,
      // and no attempt.
      const fresh = connections.lease(request.url.origin, { fresh: true })
      return exchangeOver(fresh, request, { accept, work })
    } finally {
      forget()
    }
  }

  return {
    async exchange(request, options) {
      if (aborted.aborted) throw wrap(aborted.reason)
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
