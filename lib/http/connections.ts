import net from 'node:net'
import { buildConnector, Client } from 'undici'
import type { LookupFunction } from './address-guard.js'

/** One TCP connection to an origin, with the count of what arrives on it. Leased to one exchange at a time. */
export type Connection = {
  readonly origin: string
  readonly client: Client
  /** TCP payload that has arrived since the connection was made, TLS records and handshakes included. */
  received(): number
  /** What ended the socket, where it did not end by agreement. */
  failure(): Error | undefined
  destroy(): void
  /** Whether an exchange succeeded on it before: the origin may then have closed it while it was idle. */
  reused: boolean
}

export type Connections = {
  /** An idle connection to `origin`, or a new one; it is made when the first request is sent. */
  lease(origin: string, options?: { fresh: boolean }): Connection
  /** Gives a connection back, to be used again or (`broken`) closed. */
  release(connection: Connection, options: { broken: boolean }): void
  close(): void
}

export type ConnectionsOptions = {
  /** Idle connections kept in all; the longest idle one is closed first. */
  maxIdle: number
  /** Resolves host names, and may refuse their addresses. */
  lookup?: LookupFunction
}

/** Idle connections are closed before the servers of the field (nginx: 75 s, Node: 5 s) tend to do it. */
const keepAliveMs = 4_000

/**
 * Connections that sluice leases itself, one undici Client each, because only so can the bytes of a socket and the way it
 * ended be told apart by exchange: undici reports a reset after a body without length as success.
 */
export const connections = ({ maxIdle, lookup }: ConnectionsOptions): Connections => {
  const idle = new Map<string, Connection[]>()
  const tls = buildConnector({ timeout: 0 })
  let idleCount = 0

  const make = (origin: string): Connection => {
    let socket: net.Socket | undefined
    let failure: Error | undefined
    let closedBytes = 0
    const client = new Client(origin, {
      pipelining: 1,
      // Deadlines are ours: undici's cannot tell waiting for the cap from waiting for the origin.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: 64 * 1024,
      connect: (options, callback) => {
        const { hostname, port, protocol } = options
        closedBytes += socket?.bytesRead ?? 0
        failure = undefined
        const raw = net.connect({
          host: hostname.replace(/^\[|\]$/g, ''),
          port: Number(port) || (protocol === 'https:' ? 443 : 80),
          noDelay: true,
          keepAlive: true,
          ...(lookup && { lookup }),
        })
        socket = raw
        let handOver: buildConnector.Callback | undefined = callback
        const hand: buildConnector.Callback = (...result: Parameters<buildConnector.Callback>) => {
          handOver?.(...result)
          handOver = undefined
        }
        const fail = (error: Error) => {
          failure = error
          hand(error, null)
        }
        raw.on('error', fail)
        if (protocol === 'http:') raw.once('connect', () => hand(null, raw))
        else {
          // TLS over a socket of ours: its bytesRead counts what crosses the link.
          const secured = (error: Error | null, secure: net.Socket | null) => {
            secure?.on('error', fail)
            if (error) fail(error)
            else hand(null, secure as net.Socket)
          }
          tls({ ...options, httpSocket: raw } as buildConnector.Options, secured as buildConnector.Callback)
        }
      },
    })
    return {
      origin,
      client,
      received: () => closedBytes + (socket?.bytesRead ?? 0),
      failure: () => failure,
      reused: false,
      destroy() {
        // A client that is still connecting does not know its socket yet.
        socket?.destroy()
        client.destroy().catch(() => {})
      },
    }
  }

  const closeLongestIdle = (): void => {
    const [origin, waiting = []] = idle.entries().next().value ?? []
    const oldest = waiting.shift()
    if (oldest) {
      idleCount--
      oldest.destroy()
    }
    if (origin !== undefined && waiting.length === 0) idle.delete(origin)
  }

  return {
    lease(origin, { fresh } = { fresh: false }) {
      const waiting = idle.get(origin)
      const connection = fresh ? undefined : waiting?.pop()
      if (connection) idleCount--
      if (waiting?.length === 0) idle.delete(origin)
      return connection ?? make(origin)
    },
    release(connection, { broken }) {
      if (broken) return connection.destroy()
      connection.reused = true
      const waiting = idle.get(connection.origin) ?? []
      waiting.push(connection)
      // Most recently used last: Map order is then the order in which origins fell idle.
      idle.delete(connection.origin)
      idle.set(connection.origin, waiting)
      idleCount++
      if (idleCount > maxIdle) closeLongestIdle()
    },
    close() {
      for (const connection of [...idle.values()].flat()) connection.destroy()
      idle.clear()
      idleCount = 0
    },
  }
}
