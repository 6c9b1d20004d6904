import type { Push } from '../keeper.js'
import { type ConnectionOptions, connect, type Server } from './connection.js'
import { encodeName, prefixOf } from './ledger-script.js'
import { readPush } from './read-reply.js'
import type { RedisAddress } from './redis-url.js'

/** Who hears what is told. */
export type Hearing = {
  /** `hear` is told what `actor` is told, until the function that comes back is called. */
  listen(actor: string, hear: (push: Push) => void): () => void
  close(): void
}

type Listener = { readonly actor: string; readonly hear: (push: Push) => void }

/** Longer messages than this are poison. */
const mostCharacters = 65_536

/** Subscribes, on a connection of its own, to what is told to actors of the pool `name`. What is lost on the way is only late. */
export const openHearing = async (
  address: RedisAddress,
  name: string,
  options: ConnectionOptions,
): Promise<Hearing> => {
  const prefix = prefixOf(name)
  const listeners = new Map<string, Set<Listener>>()
  let server: Server | undefined

  const subscribe = (channels: readonly string[]): void => {
    // Where that fails the connection is gone or about to go, and the next one subscribes to everything.
    if (server?.redis.status === 'ready' && channels.length > 0)
      server.redis.subscribe(...channels).catch(() => {})
  }
  const hear = (channel: string, message: string): void => {
    for (const { actor, hear } of [...(listeners.get(channel) ?? [])]) {
      const push = understood(message, actor)
      if (push) hear(push)
    }
  }
  const connection = await connect(address, {
    ...options,
    greeted(greeted) {
      if (!server) greeted.redis.on('message', hear)
      server = greeted
      subscribe([...listeners.keys()])
    },
  })

  const add = (channel: string, listener: Listener): void => {
    const there = listeners.get(channel) ?? new Set()
    listeners.set(channel, there.add(listener))
    if (there.size === 1) subscribe([channel])
  }
  const remove = (channel: string, listener: Listener): void => {
    const there = listeners.get(channel)
    if (!there?.delete(listener) || there.size > 0) return
    listeners.delete(channel)
    if (server?.redis.status === 'ready') server.redis.unsubscribe(channel).catch(() => {})
  }

  return {
    listen(actor, hear) {
      const listener = { actor, hear }
      const channels = [`${prefix}all`, `${prefix}to:${encodeName(actor)}`]
      for (const channel of channels) add(channel, listener)
      return () => {
        for (const channel of channels) remove(channel, listener)
      }
    },
    close: () => connection.close(),
  }
}

/** Anybody may publish anything there. */
const understood = (message: string, actor: string): Push | undefined => {
  if (message.length > mostCharacters) return undefined
  try {
    return readPush(message, actor)
  } catch {
    return undefined
  }
}
