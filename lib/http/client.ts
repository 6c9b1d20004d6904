import type { Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SyncError } from '../errors.js'
import type { RatePool } from '../rate/pool.js'
import type { ThrottleOptions } from '../rate/throttle.js'
import { formatDuration } from '../units.js'
import type { Work } from '../work.js'
import { refusePrivateLiteral } from './address-guard.js'
import type { Connection, Connections } from './connections.js'
import { type Exchanged, exchange, type Head } from './exchange.js'
import { noteRoundTrip, type OriginFacts, type Origins, runningMean } from './origins.js'
import { followRedirect, type Hop } from './redirect.js'
import { retryAfterMs } from './retry-after.js'

/** What becomes of a body: it flows through the Transforms into `into`, which is not ended. */
export type Body = { into: Writable; through?: readonly Transform[] }

export type SendRequest = {
  method: 'GET' | 'HEAD'
  /** Where to, and with which of the caller's headers. */
  hop: Hop
  /** Headers that sluice itself decides about: they go along wherever a redirect leads. */
  headers?: Record<string, string>
  /** Body bytes that are likely to arrive: they are granted before the request is sent, and what exceeds them is metered. */
  expectBytes: number
  /** Statuses besides 2xx that the caller wants to judge itself. */
  expect?: readonly number[]
  /** Judges the head of the last hop: where its body goes, nothing to have it discarded, or a throw. */
  accept: (head: Head) => Body | undefined
  work: Work
}

/** The last exchange of a request, and the hop it happened on. */
export type Answer = Exchanged & { hop: Hop }

export type Client = {
  /** Sends a request and follows redirects. Rejects with a SyncError: ERR_HTTP_STATUS for every status that was not expected. */
  send(request: SendRequest): Promise<Answer>
  close(): void
}

export type ClientOptions = {
  connections: Connections
  origins: Origins
  pool: RatePool
  /** Meters a body against the pool. */
  throttle: (options: ThrottleOptions) => Transform
  timeoutMs: number
  stallMs: number
  minRate: number
  /** Longest time an asset may take in all. */
  maxTimeMs: number
  retryAfterMaxMs: number
  denyPrivateNetwork: boolean
  /** Media types, sent as Accept. */
  accept: string
  userAgent: string
  /** Hears of TCP payload as it arrives. */
  onBytes: (bytes: number) => void
  /** Ends every wait for a grant. */
  halted: AbortSignal
  /** Ends every exchange under way. */
  aborted: AbortSignal
}

const mostSlowdown = 64

/** The way to the origins: every request is granted by the pool before it is sent and settled by what really arrived. */
export const client = ({
  connections,
  origins,
  pool,
  throttle,
  timeoutMs,
  stallMs,
  minRate,
  maxTimeMs,
  retryAfterMaxMs,
  denyPrivateNetwork,
  accept: acceptedTypes,
  userAgent,
  onBytes,
  halted,
  aborted,
}: ClientOptions): Client => {
  // One listener for all exchanges: one each would cost more than many an exchange.
  const live = new Set<(reason: SyncError) => void>()
  const abortAll = () => {
    for (const abort of live) abort(new SyncError('ERR_ABORTED', 'the run ended first'))
  }
  aborted.addEventListener('abort', abortAll, { once: true })

  /** A grant for one request; while the origin is held the entry gives its slot to another. */
  const granted = (origin: string, bytes: number, work: Work) => {
    const wait = () => pool.grant({ requests: 1, bytes }, { origin, signal: halted })
    return pool.heldFor(origin) > 0 ? work.rest(wait) : wait()
  }

  /** Sends on `connection`; once more on a new one where an idle connection turns out to have been closed meanwhile. */
  const overConnection = async (
    connection: Connection,
    request: SendRequest,
    metered: (head: Head) => Writable | undefined,
  ): Promise<Exchanged> => {
    const { method, hop, headers, work } = request
    const before = connection.received()
    let abort = (_reason: SyncError) => {}
    const startedAt = performance.now()
    try {
      const exchanged = await exchange(
        {
          method,
          url: hop.url,
          headers: {
            'user-agent': userAgent,
            accept: acceptedTypes,
            'accept-encoding': 'identity',
            ...hop.headers,
            ...headers,
          },
        },
        {
          connection,
          deadlines: { timeoutMs, stallMs, minRate, remainingMs: maxTimeMs - work.activeMs },
          accept: metered,
          onBytes,
          onAbortable(abortThis) {
            abort = abortThis
            live.add(abort)
          },
        },
      )
      connections.release(connection, { broken: !exchanged.reusable })
      return exchanged
    } catch (error) {
      connections.release(connection, { broken: true })
      const nothingCame = connection.received() === before
      if (!connection.reused || !nothingCame || !(error instanceof SyncError) || error.code !== 'ERR_NETWORK')
        throw error
      return overConnection(connections.lease(hop.url.origin, { fresh: true }), request, metered)
    } finally {
      live.delete(abort)
      work.activeMs += performance.now() - startedAt
      work.received += connection.received() - before
    }
  }

  /** One hop: granted, sent, its body metered where it exceeds what was granted, settled. */
  const sendHop = async (request: SendRequest): Promise<Exchanged> => {
    const { work, expectBytes } = request
    const { origin } = request.hop.url
    const facts = origins.of(origin)
    const grant = await granted(origin, expectBytes + Math.round(facts.overheadBytes), work)
    const before = work.received
    let metered = 0
    let flow: Flow | undefined
    try {
      const exchanged = await overConnection(connections.lease(origin), request, head => {
        const body = isWanted(head, request) ? request.accept(head) : undefined
        if (!body) return undefined
        const isPaidFor = pool.rate() === Number.POSITIVE_INFINITY || contentLength(head) <= expectBytes
        const onGrant = (bytes: number) => {
          metered += bytes
        }
        const meter = isPaidFor
          ? []
          : [throttle({ pool, origin, signal: halted, prepaid: expectBytes, onGrant })]
        flow = flowInto(body.into, [...meter, ...(body.through ?? [])])
        return flow.entry
      })
      await flow?.end()
      facts.overheadBytes = runningMean(facts.overheadBytes, work.received - before - exchanged.bodyBytes)
      noteRoundTrip(facts, exchanged.roundTripMs, performance.now())
      return exchanged
    } catch (error) {
      await flow?.destroy(error)
      throw error
    } finally {
      grant.settle({ bytes: work.received - before - metered })
    }
  }

  /** Retry-After holds the origin for everybody, unless it asks for more than will be waited for. */
  const toStatusError = ({ status, headers }: Head, origin: string): SyncError => {
    const facts = origins.of(origin)
    const now = Date.now()
    const asked = retryAfterMs(single(headers['retry-after']), now)
    if (status === 429 || status === 503) facts.slowdown = Math.min(mostSlowdown, facts.slowdown * 2)
    const isRetryable = isTransient(status) || (status === 413 && asked !== undefined)
    if (!isRetryable || asked === undefined)
      return new SyncError('ERR_HTTP_STATUS', `the origin answered ${status}`, {
        statusCode: status,
        scope: isRetryable ? 'attempt' : 'entry',
      })
    const retryAt = new Date(Math.min(now + asked, latestDate)).toISOString()
    if (asked > retryAfterMaxMs)
      return new SyncError(
        'ERR_RETRY_AFTER',
        `the origin answered ${status} and asks to wait until ${retryAt}, longer than ${formatDuration(retryAfterMaxMs)}`,
        { statusCode: status, retryAt },
      )
    pool.hold(origin, asked)
    return new SyncError('ERR_HTTP_STATUS', `the origin answered ${status}`, {
      statusCode: status,
      scope: 'attempt',
      retryAfterMs: asked,
      retryAt,
    })
  }

  const send = async (request: SendRequest): Promise<Answer> => {
    const { hop } = request
    if (denyPrivateNetwork) refusePrivateLiteral(hop.url)
    const exchanged = await sendHop(request)
    const { head } = exchanged
    if (redirects.has(head.status))
      return send({ ...request, hop: followRedirect(hop, head.headers.location) })
    if (!isWanted(head, request)) throw toStatusError(head, hop.url.origin)
    return { ...exchanged, hop }
  }

  return {
    send,
    close() {
      aborted.removeEventListener('abort', abortAll)
      connections.close()
    },
  }
}

/** The bytes of a Content-Length, NaN without one: undici has checked its form. */
export const contentLength = ({ headers }: Head): number => Number(headers['content-length'] ?? Number.NaN)

/** The last moment a Date can say (ECMA-262, 21.4.1.1). */
const latestDate = 8.64e15

const isWanted = ({ status }: Head, { expect = [] }: SendRequest): boolean =>
  (status >= 200 && status < 300) || expect.includes(status)

const redirects = new Set([301, 302, 303, 307, 308])

/** Statuses after which the same request may succeed. */
const isTransient = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505)

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value

type Flow = { entry: Writable; end(): Promise<void>; destroy(error: unknown): Promise<void> }

/** A body's way through Transforms into a Writable that goes on living after it. */
const flowInto = (into: Writable, through: readonly Transform[]): Flow => {
  const [entry] = through
  if (!entry) return { entry: into, async end() {}, async destroy() {} }
  const flowing = pipeline([...through, into], { end: false })
  flowing.catch(() => {})
  return {
    entry,
    end() {
      entry.end()
      return flowing
    },
    destroy: error => {
      entry.destroy(error as Error)
      return flowing.catch(() => {})
    },
  }
}
