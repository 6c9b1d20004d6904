import net from 'node:net'
import { type buildConnector, Client } from 'undici'
import { SyncError } from '../errors.js'
import type { Member } from '../roster.js'
import { isOfSystem, wrapHandshake } from '../wrap.js'
import type { LookupFunction } from './address-guard.js'
import { withoutContinue } from './interim.js'
import { lentReads } from './lent-reads.js'

/** One TCP connection to an origin; it carries one exchange at a time. Chunks of a body are lent until the handler returns. */
export type Connection = Member & {
  readonly origin: string
  readonly client: Client
  /** Whether an exchange succeeded on it before: the origin may then have closed it while it was idle. */
  isReused: boolean
  /** Whether the last exchange on it was a HEAD: an origin may send a body after it. */
  followsHead: boolean
  /** Which of those that fell idle it was. */
  idleSince: number
  /** Whether it is connected, or on its way to be. */
  isOpen(): boolean
  /** A response is about to come: what comes unasked before it is taken away. `onRead` hears of what is read, before anybody knows what it means. */
  begin(onRead: (bytes: number) => void): void
  /** The head of the response is there. */
  head(): void
  /** Begins to connect before there is anything to send. */
  prepare(): void
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
  /**
   * The error that the system reported of the socket, such as a reset; also where data and a reset came at once, of which libuv (1.46)
   * only reports the end of the data.
   */
  failure(): Error | undefined
  destroy(): void
}

export type ConnectionOptions = {
  /** Puts TLS on a socket. */
  secure: buildConnector.connector
  /** Resolves host names, and may refuse their addresses. */
  lookup?: LookupFunction | undefined
  /** Reads no more at a time than this; as much as there is unless given. */
  readBytes?: number | undefined
  /** Hears of the end of the connection, whoever ended it. */
  onClose: (connection: Connection) => void
}

/** Idle connections are closed before the servers of the field (nginx: 75 s, Node: 5 s) tend to do it. */
const keepAliveMs = 4_000

/** As much as Node and undici take unless told otherwise. */
const maxHeaderBytes = 16 * 1024

/** A connection that is made when the first request is sent on it, or is prepared before, and never made again. */
export const connection = (
  origin: string,
  { secure, lookup, readBytes, onClose }: ConnectionOptions,
): Connection => {
  let raw: net.Socket | undefined
  let isTaken = false
  /** What undici reads from: the socket itself, or the TLS on it. */
  let socket: net.Socket | undefined
  let failure: Error | undefined
  let isPaused = false
  let filter = withoutContinue()
  let heard = (_bytes: number): void => {}
  let told = 0
  const reads = lentReads({ bytes: readBytes, socket: () => raw, isPaused: () => isPaused })

  const open = (): net.Socket => {
    const url = new URL(origin)
    const opened = net.connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
      noDelay: true,
      keepAlive: true,
      ...(lookup && { lookup }),
      // TLS reads by itself, 16 KiB at a time.
      ...(url.protocol === 'http:' && { onread: reads.onread, highWaterMark: reads.highWaterMark }),
    })
    opened.on('error', note)
    opened.once('close', () => onClose(self))
    return opened
  }

  /** undici ends sockets with errors of its own, which the system knows nothing of. */
  const note = (error: Error): void => {
    if (isOfSystem(error)) failure ??= error
  }

  const connect: buildConnector.connector = (options, callback) => {
    // undici would reconnect by itself; who leased this connection has to know that it is another one.
    if (isTaken) return callback(closed(), null)
    isTaken = true
    let isHandedOver = false
    const hand = (error: Error | null, connected: net.Socket | null): void => {
      if (isHandedOver) return
      isHandedOver = true
      if (error || !connected) callback(error ?? closed(), null)
      else {
        socket = connected
        const read = connected.read.bind(connected)
        connected.read = size => {
          const chunk: Buffer | null = isPaused ? null : read(size)
          if (chunk) heard(chunk.length)
          return chunk && filter(chunk)
        }
        connected.once('end', () => {
          // A socket that was reset has no peer any more.
          if (raw?.remoteAddress === undefined) failure ??= reset()
        })
        callback(null, connected)
      }
    }
    raw ??= open()
    const plain = raw
    plain.on('error', error => hand(error, null))
    // undici (7.30.2) loses a request where it is called back before its own call returns.
    if (plain.destroyed) process.nextTick(() => hand(failure ?? closed(), null))
    else if (options.protocol === 'https:') {
      // TLS over a socket of ours: its bytesRead counts what crosses the link.
      secure({ ...options, httpSocket: plain }, (error, secured) => {
        secured?.on('error', note)
        secured?.on('error', error => hand(wrapHandshake(error), null))
        hand(error && wrapHandshake(error), secured)
      })
    } else if (plain.connecting) plain.once('connect', () => hand(null, plain))
    else process.nextTick(() => hand(null, plain))
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
    followsHead: false,
    seat: -1,
    idleSince: 0,
    isOpen: () => (socket ?? raw)?.destroyed === false,
    begin(onRead) {
      heard = onRead
      filter = withoutContinue()
      reads.begin()
    },
    head: reads.head,
    prepare() {
      raw ??= open()
    },
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
    hasEnded: () => failure === undefined && (socket?.readableEnded ?? false),
    failure: () => failure,
    destroy() {
      // A client that is still connecting does not know its socket yet.
      raw?.destroy()
      client.destroy().catch(() => {})
    },
  }
  return self
}

const reset = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })

const closed = (): SyncError => new SyncError('ERR_NETWORK', 'the connection was closed')
