import { randomUUID } from 'node:crypto'
import type { Push } from '../keeper.js'
import { readRequest } from './check-request.js'
import type { KeptFile } from './kept.js'
import { type KeptLedger, keepLedger } from './kept-ledger.js'
import { type Ask, type Bye, protocol, type Reply } from './message.js'
import { openOutbox, type Peer } from './outbox.js'

/** What the server does for a peer. */
export type Attendance = {
  /** Does what a line asks for; whatever it is, nothing is thrown. */
  hear(line: string): void
  /** The peer is not there any more: its actors leave. */
  gone(): void
}

export type PoolServer = {
  attend(peer: Peer): Attendance
  /** Sends what is to be sent and lets go of its timers. */
  close(): void
}

type Pool = {
  readonly ledger: KeptLedger
  readonly members: Set<Member>
  /** By way of whom an actor has asked last. */
  readonly owners: Map<string, Member>
}

type Member = {
  readonly peer: Peer
  pool: Pool | undefined
  /** Who listens by way of it. */
  readonly listening: Set<string>
}

/** Keeps the ledgers of all pools in this process, for whoever speaks the language of message.ts. What is used of quotas is stored in `kept` before anybody is told. */
export const poolServer = (kept: KeptFile): PoolServer => {
  const incarnation = randomUUID()
  const pools = new Map<string, Pool>()
  const peers = new Set<Peer>()

  let isClosed = false

  const { send, flush } = openOutbox(() => {
    // Another server may keep them by now.
    if (isClosed) return 'closed'
    for (const [name, { ledger }] of pools) {
      const change = ledger.takeChange()
      if (change) kept.keep(name, change)
    }
    return kept.store()
  })

  const openPool = (name: string): Pool => {
    const open = pools.get(name)
    if (open) return open
    const members = new Set<Member>()
    const tell = (push: Push, actor?: string): void => {
      for (const { peer, listening } of members)
        if (actor === undefined ? listening.size > 0 : listening.has(actor))
          send(peer, { push, actor }, push.grants.length > 0)
    }
    const ledger = keepLedger({ incarnation, kept: kept.pools.get(name), tell })
    const pool = { ledger, members, owners: new Map() }
    pools.set(name, pool)
    return pool
  }

  const join = (member: Member, name: string): null => {
    leave(member)
    member.pool = openPool(name)
    member.pool.members.add(member)
    return null
  }

  const answer = (member: Member, ask: Ask): Extract<Reply, { done: unknown }>['done'] => {
    if ('open' in ask) {
      if (ask.protocol === protocol) return join(member, ask.open)
      throw new Error(`expected protocol ${protocol}, got ${ask.protocol}`)
    }
    if (!member.pool) throw new Error('expected a pool to be opened first')
    const { ledger, owners } = member.pool
    if ('call' in ask) {
      if (ask.call.kind === 'request') owners.set(ask.call.actor, member)
      if (ask.call.kind === 'leave') owners.delete(ask.call.actor)
      return ledger.call(ask.call)
    }
    if ('status' in ask) return ledger.status()
    if ('unlisten' in ask) {
      member.listening.delete(ask.unlisten)
      return null
    }
    member.listening.add(ask.listen)
    const push = ledger.snapshot()
    if (push) send(member.peer, { push, actor: ask.listen }, false)
    return null
  }

  return {
    attend(peer) {
      peers.add(peer)
      const member: Member = { peer, pool: undefined, listening: new Set() }
      return {
        hear(line) {
          if (isClosed) return
          const request = readRequest(line)
          if ('error' in request) return send(peer, request, false)
          const { id } = request
          try {
            send(peer, { id, done: answer(member, request) }, 'call' in request)
          } catch (error) {
            send(peer, { id, error: error instanceof Error ? error.message : String(error) }, false)
          }
        },
        gone() {
          peers.delete(peer)
          if (!isClosed) leave(member)
        },
      }
    },
    close() {
      flush()
      isClosed = true
      for (const peer of peers) peer.write(bye)
      for (const { ledger } of pools.values()) ledger.close()
    },
  }
}

const bye = `${JSON.stringify({ bye: true } satisfies Bye)}\n`

/** What is granted to those who are gone is wasted: they get no more. */
const leave = (member: Member): void => {
  const { pool, listening } = member
  listening.clear()
  if (!pool) return
  pool.members.delete(member)
  for (const [actor, owner] of pool.owners)
    if (owner === member) {
      pool.owners.delete(actor)
      pool.ledger.call({ kind: 'leave', actor })
    }
}
