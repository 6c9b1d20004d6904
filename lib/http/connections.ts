import { buildConnector } from 'undici'
import { Roster } from '../roster.js'
import type { LookupFunction } from './address-guard.js'
import { type Connection, connection } from './connection.js'

/** Connections are leased, one to an exchange: only so can the bytes of a socket, and the way it ended, be told apart by exchange. */
export type Connections = {
  /** An idle connection to `origin`, or a new one; a new one is made when the first request is sent. */
  lease(origin: string, options?: { fresh: boolean }): Connection
  /** Begins a connection to `origin` for a lease that will follow, unless enough are idle. */
  prepare(origin: string): void
  /** Gives a connection back, to be used again or (`broken`) closed. */
  release(connection: Connection, options: { broken: boolean }): void
  /** Closes what is idle, where descriptors have run out. */
  relieve(): void
  /** Closes what is idle, and what is leased as soon as it comes back. */
  close(): void
}

export type ConnectionsOptions = {
  /** Idle connections kept in all; the longest idle one is closed first. */
  maxIdle: number
  /** Resolves host names, and may refuse their addresses. */
  lookup?: LookupFunction
  /** What is read of an origin at a time at most; undefined for as much as there is. */
  readBytes?: (origin: string) => number | undefined
  /** Connections to an origin that are begun ahead of a lease at most. */
  mostPrepared?: (origin: string) => number
}

/** Origins without an idle connection that are remembered. */
const mostEmpty = 16

/** Connections to any number of origins; idle ones are kept for the next exchange. */
export const connections = ({
  maxIdle,
  lookup,
  readBytes = () => undefined,
  mostPrepared = () => 0,
}: ConnectionsOptions): Connections => {
  const idle = new Roster<Connection>()
  // In the order in which they fell idle.
  const idleOf = new Map<string, Connection[]>()
  let kept = 0
  // One for all connections: it remembers TLS sessions.
  const secure = buildConnector({ timeout: 0 })
  let isClosed = false

  const keep = (connection: Connection): void => {
    idle.enter(connection)
    connection.idleSince = kept++
    const others = idleOf.get(connection.origin)
    if (others) others.push(connection)
    else idleOf.set(connection.origin, [connection])
  }

  const remove = (connection: Connection): void => {
    if (connection.seat < 0) return
    idle.leave(connection)
    const others = idleOf.get(connection.origin) ?? []
    others.splice(others.lastIndexOf(connection), 1)
    // That of the origin in turn is used again at once.
    if (others.length === 0 && idleOf.size > mostEmpty) idleOf.delete(connection.origin)
  }

  const open = (origin: string): Connection =>
    connection(origin, { secure, lookup, readBytes: readBytes(origin), onClose: remove })

  const closeLongestIdle = (): void => {
    const [first, ...others] = idle.all()
    if (!first) return
    const longest = others.reduce((a, b) => (a.idleSince < b.idleSince ? a : b), first)
    remove(longest)
    longest.destroy()
  }

  const relieve = (): void => {
    while (idle.size > 0) closeLongestIdle()
  }

  return {
    lease(origin, { fresh } = { fresh: false }) {
      // The one used last is the least likely to have been closed by the origin.
      const leased = fresh ? undefined : idleOf.get(origin)?.findLast(({ isOpen }) => isOpen())
      if (leased) remove(leased)
      return leased ?? open(origin)
    },
    prepare(origin) {
      if (isClosed || (idleOf.get(origin)?.length ?? 0) >= mostPrepared(origin)) return
      const prepared = open(origin)
      prepared.prepare()
      keep(prepared)
    },
    release(released, { broken }) {
      if (broken || isClosed || !released.isOpen()) return released.destroy()
      released.isReused = true
      keep(released)
      if (idle.size > maxIdle) closeLongestIdle()
    },
    relieve,
    close() {
      isClosed = true
      relieve()
    },
  }
}
