import { join } from 'node:path'
import { thisNetwork } from '../link/network.js'
import { type Script, startScript } from '../link/script.js'
import type { Emission } from './emissions.js'
import { type RedisServer, startRedis } from './redis.js'

/** Where scenarios are played. */
export type Place = {
  readonly folder: string
  readonly redis: RedisServer
  /** The URL of Redis as it is when it is so far away. */
  url(roundTripMs: number): Promise<string>
  /** A server that counts the requests that arrive from now on. */
  receiver(): Promise<{ url: string; arrivals(since: number): Promise<Emission[]> }>
}

export type PlaceOptions = { folder: string; after: (undo: () => unknown) => void }

/** Starts a redis-server, and what stands before it as soon as that is asked for. */
export const openPlace = async ({ folder, after }: PlaceOptions): Promise<Place> => {
  const redis = await startRedis(folder)
  after(redis.close)
  const farAway = new Map<number, number>()
  let counter: Script | undefined
  return {
    folder,
    redis,
    async url(roundTripMs) {
      if (roundTripMs === 0) return `redis://127.0.0.1:${redis.port}`
      let port = farAway.get(roundTripMs)
      if (port === undefined) {
        const delay = await startScript({
          network: thisNetwork,
          folder: join(import.meta.dirname, '../link'),
          name: 'delay',
          args: [`127.0.0.1:${redis.port}`, `${roundTripMs}`],
        })
        after(delay.stop)
        port = await delay.ask<number>('where')
        farAway.set(roundTripMs, port)
      }
      return `redis://127.0.0.1:${port}`
    },
    async receiver() {
      if (!counter) {
        counter = await startScript({
          network: thisNetwork,
          folder: import.meta.dirname,
          name: 'receiver',
        })
        after(counter.stop)
      }
      const asked = counter
      const url = await asked.ask<string>('where')
      return {
        url,
        async arrivals(since) {
          const times = await asked.ask<number[]>('arrivals')
          return times.map(at => ({ at: at - since, actor: 0 }))
        },
      }
    },
  }
}
