import { setTimeout } from 'node:timers/promises'
import Bottleneck from 'bottleneck'
import { Redis } from 'ioredis'
import type { Contestant, ContestantOptions } from './contestant.js'

/** An actor with bottleneck's clustering: one job each 1000 / rate milliseconds, whoever has it. */
export const bottleneckActor = async ({ url, name, rate }: ContestantOptions): Promise<Contestant> => {
  const { hostname: host, port } = new URL(url)
  const limiter = new Bottleneck({
    id: name,
    datastore: 'ioredis',
    minTime: 1000 / rate,
    // What it is called in its constructor's options its types do not say.
    ...({ Redis } as object),
    clientOptions: { host, port: Number(port) },
  })
  limiter.on('error', () => {})
  return {
    async join() {
      await limiter.ready()
    },
    async draw(act) {
      try {
        await limiter.schedule(async () => act())
      } catch {
        // It says what it has lost at once, and says it again at once.
        await setTimeout(50)
      }
    },
  }
}
