import type { Transform } from 'node:stream'
import type { RatePool } from '../rate/pool.js'
import type { ThrottleOptions } from '../rate/throttle.js'
import { refusePrivateLiteral } from './address-guard.js'
import type { Exchanged } from './exchange.js'
import { type ExchangerOptions, exchanger } from './exchanger.js'
import type { Origins } from './origins.js'
import { type HopRequest, paidHop, type Reservation } from './paid-hop.js'
import { followRedirect, type Hop, isEmpty, isRedirect } from './redirect.js'
import { statusError } from './status-error.js'

/** A request for an asset, wherever redirects lead it. */
export type SendRequest = Pick<
  HopRequest,
  'method' | 'expectBytes' | 'likelyBytes' | 'accept' | 'work' | 'reserved'
> & {
  /** Where to, and with which of the caller's headers. */
  hop: Hop
  /** Headers that sluice itself decides about: they go along wherever a redirect leads. */
  headers?: Record<string, string>
  /** What to ask of the origin that a redirect leads to, where that is not the same. */
  askOf?: (url: URL) => Pick<SendRequest, 'headers' | 'expectBytes' | 'likelyBytes'>
  /** Statuses besides 2xx that the caller wants to judge itself. */
  expect?: readonly number[]
}

/** The last exchange of a request, and the hop it happened on. */
export type Answer = Exchanged & { hop: Hop }

/** The way to the origins. */
export type Client = {
  /** Sends a request and follows redirects. Rejects with a SyncError: ERR_HTTP_STATUS for every status that was not expected. */
  send(request: SendRequest): Promise<Answer>
  /** Waits for the budget of a GET of which `bytes` of a body are expected, to be sent with it or released; nothing where that cannot be kept. */
  reserve(url: URL, bytes: number): Reservation | undefined
  /** Begins a connection to `origin` for a request that will follow. */
  prepare(origin: string): void
  /** Closes the connections that are idle, where descriptors have run out. */
  relieve(): void
  close(): void
}

export type ClientOptions = ExchangerOptions & {
  origins: Origins
  pool: RatePool
  /** Meters a body against the pool. */
  throttle: (options: ThrottleOptions) => Transform
  /** What a request costs in its provider's units. */
  unitsOf?: ((method: string, url: URL) => number) | undefined
  retryAfterMaxMs: number
  denyPrivateNetwork: boolean
  /** Media types, sent as Accept. */
  accept: string
  userAgent: string
  /** Ends every wait for a grant. */
  halted: AbortSignal
}

/** The way to the origins: every request, those that a redirect leads to included, is paid from the pool. */
export const client = ({
  origins,
  pool,
  throttle,
  unitsOf,
  retryAfterMaxMs,
  denyPrivateNetwork,
  accept: mediaTypes,
  userAgent,
  halted,
  ...options
}: ClientOptions): Client => {
  const exchanges = exchanger(options)
  const { send: sendHop, reserve } = paidHop({
    exchanger: exchanges,
    origins,
    pool,
    throttle,
    unitsOf,
    halted,
  })
  const toStatusError = statusError({ origins, pool, retryAfterMaxMs })
  const own = { 'user-agent': userAgent, accept: mediaTypes, 'accept-encoding': 'identity' }

  const send = async (request: SendRequest): Promise<Answer> => {
    const { method, hop, headers, expect = [], expectBytes, likelyBytes, accept, work, reserved } = request
    if (denyPrivateNetwork) refusePrivateLiteral(hop.url)
    const isWanted = (status: number) => (status >= 200 && status < 300) || expect.includes(status)
    const exchanged = await sendHop({
      method,
      url: hop.url,
      headers: isEmpty(hop.headers) && isEmpty(headers) ? own : Object.assign({}, own, hop.headers, headers),
      expectBytes,
      likelyBytes,
      accept: head => (isWanted(head.status) ? accept(head) : undefined),
      work,
      reserved,
    })
    const { head } = exchanged
    if (isRedirect(head.status)) {
      const next = followRedirect(hop, head.headers.location)
      const { likelyBytes, ...asked } = request.askOf?.(next.url) ?? {}
      return send({ ...request, likelyBytes, ...asked, hop: next, reserved: undefined })
    }
    if (!isWanted(head.status)) throw toStatusError(head, hop.url.origin)
    const { bodyBytes, delimited, roundTripMs, reusable } = exchanged
    return { head, bodyBytes, delimited, roundTripMs, reusable, hop }
  }

  const prepare = (origin: string): void => {
    if (denyPrivateNetwork) refusePrivateLiteral(new URL(origin))
    exchanges.prepare(origin)
  }

  return { send, reserve, prepare, relieve: exchanges.relieve, close: exchanges.close }
}
