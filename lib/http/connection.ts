import net from 'node:net'
import { type buildConnector, Client } from 'undici'
import { SyncError } from '../errors.js'
import type { LookupFunction } from './address-guard.js'

/** One TCP connection to an origin; it carries one exchange at a time. */
export type Connection = {
  readonly origin: string
  readonly client: Client
  /** Whether an exchange succeeded on it before: the origin may then have closed it while it was idle. */
  isReused: boolean
  isOpen(): boolean
  /**
   * Stops reading, so that the kernel's buffers and then the origin fill up. undici's own pause is not used: a connection
   * that ends during it fails an assertion of its parser, outside of any exchange (7.30.2).
   */
  pause(): void
  resume(): void
  /** TCP payload that has arrived since this was last asked, TLS records and handshakes included. */
  arrived(): number
  /** Whether the other side has ended the connection in good order. */
  hasEnded(): boolean
  /** The error that the system reported of the socket, such as a reset. */
  failure(): Error | undefined
  destroy(): void
}

export type ConnectionOptions = {
  /** Puts TLS on a socket. */
  secure: buildConnector.connector
  /** Resolves host names, and may refuse their addresses. */
  lookup?: LookupFunction | undefined
  /** Hears of the end of the connection, whoever ended it. */
  onClose: (connection: Connection) => void
}

/** Idle connections are closed before the servers of the field (nginx: 75 s, Node: 5 s) tend to do it. */
const keepAliveMs = 4_000

/** As much as Node and undici take unless told otherwise. */
const maxHeaderBytes = 16 * 1024

/** A connection that is made when the first request is sent on it, and never made again. */
export const connection = (origin: string, { secure, lookup, onClose }: ConnectionOptions): Connection => {
  let raw: net.Socket | undefined
  /** What undici reads from: the socket itself, or the TLS on it. */
  let socket: net.Socket | undefined
  let failure: Error | undefined
  let isPaused = false
  let told = 0

  const open = (url: URL): net.Socket =>
    net.connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
      noDelay: true,
      keepAlive: true,
      ...(lookup && { lookup }),
    })

  const connect: buildConnector.connector = (options, callback) => {
    // undici would reconnect by itself; who leased this connection has to know that it is another one.
    if (raw) return callback(closed(), null)
    let isHandedOver = false
    const hand = (error: Error | null, connected: net.Socket | null): void => {
      if (isHandedOver) return
      isHandedOver = true
      if (error || !connected) callback(error ?? closed(), null)
      else {
        socket = connected
        const read = connected.read.bind(connected)
        connected.read = size => (isPaused ? null : read(size))
        callback(null, connected)
      }
    }
    const fail = (error: NodeJS.ErrnoException): void => {
      // undici ends sockets with errors of its own, which the system knows nothing of.
      if (error.syscall) failure ??= error
      hand(error, null)
    }
    const plain = open(new URL(origin))
    raw = plain
    plain.on('error', fail)
    plain.once('close', () => onClose(self))
    if (options.protocol === 'http:') plain.once('connect', () => hand(null, plain))
    else {
      // TLS over a socket of ours: its bytesRead counts what crosses the link.
      secure({ ...options, httpSocket: plain }, (error, secured) => {
        secured?.on('error', fail)
        hand(error, secured)
      })
    }
  }

  const client = new Client(origin, {
    pipelining: 1,
    // Deadlines are ours: undici's cannot tell waiting for the cap from waiting for the origin.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: maxHeaderBytes,
    connect,
  })

  const self: Connection = {
    origin,
    client,
    isReused: false,
    isOpen: () => socket !== undefined && !socket.destroyed,
    pause() {
      isPaused = true
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      // Not at once: the parser may be in the middle of a chunk.
      process.nextTick(() => socket?.emit('readable'))
    },
    arrived() {
      const all = raw?.bytesRead ?? 0
      const news = all - told
      told = all
      return news
    },
    hasEnded: () => socket?.readableEnded ?? false,
    failure: () => failure,
    destroy() {
      // A client that is still connecting does not know its socket yet.
      raw?.destroy()
      client.destroy().catch(() => {})
    },
  }
  return self
}

const closed = (): SyncError => new SyncError('ERR_NETWORK', 'the connection was closed')
