import { createHash } from 'node:crypto'
import type { Happening, Keeper } from '../keeper.js'
import { type Connection, connect, type Server } from './connection.js'
import { openHearing } from './hearing.js'
import { encodeName, keysOf, ledgerScript } from './ledger-script.js'
import { readAnswer, readStatus } from './read-reply.js'
import { parseRedisUrl } from './redis-url.js'

/** How long a keeper in Redis waits. */
export type RedisKeeperOptions = {
  /** For a reply: who has none by then has none. */
  readonly timeoutMs?: number
  /** For a server to be there at all, when the keeper is opened. */
  readonly openWithinMs?: number
}

/**
 * Keeps the ledger of the pool `name` in the Redis at `url`, of version 6.2 or later. Rejects with ERR_OPTION for a URL that is none, and with
 * ERR_POOL where Redis is not there in time, is too old, or refuses the credentials.
 */
export const openRedisKeeper = async (
  url: string,
  name: string,
  { timeoutMs = 1000, openWithinMs = 10_000 }: RedisKeeperOptions = {},
): Promise<Keeper> => {
  const address = parseRedisUrl(url)
  const connection = await connect(address, { timeoutMs })
  try {
    await connection.open(openWithinMs)
  } catch (error) {
    connection.close()
    throw error
  }
  const hearing = await openHearing(address, name, { timeoutMs })
  const ask = askerOf(connection, name)

  return {
    call: async happening =>
      readAnswer(await ask(happening), actorOf(happening), happening.terms?.quotas ?? []),
    status: async () => readStatus(await ask({ kind: 'status' })),
    listen: hearing.listen,
    async close() {
      hearing.close()
      connection.close()
    },
  }
}

/** Runs the script, by its digest where the server knows it. */
const askerOf = (connection: Connection, name: string) => {
  const source = ledgerScript()
  const digest = createHash('sha1').update(source).digest('hex')
  const keys = keysOf(name)

  const evaluate = async ({ redis, runId }: Server, given: string): Promise<unknown> => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, runId, given)
    } catch (error) {
      // After a restart, or SCRIPT FLUSH.
      if (!(error instanceof Error && error.message.includes('NOSCRIPT'))) throw error
      return await redis.eval(source, keys.length, ...keys, runId, given)
    }
  }

  return (asked: Happening | { readonly kind: 'status' }): Promise<unknown> => {
    const given = JSON.stringify(asked, encodeNames)
    return connection.run(server => evaluate(server, given))
  }
}

/** Names stand in keys, channels and members, and hold nothing there that means something. */
const encodeNames = (field: string, value: unknown): unknown =>
  (field === 'actor' || field === 'user' || field === 'origin') && typeof value === 'string'
    ? encodeName(value)
    : value

const actorOf = (happening: Happening): string => ('actor' in happening ? happening.actor : '')
