import { setTimeout } from 'node:timers/promises'
import { startNginx } from '../core/nginx.js'
import { refusal } from '../core/refuse.js'
import { ahead } from './ahead.js'
import { makeAssets } from './assets.js'
import { type Link, openLink } from './link.js'
import type { Request } from './neighbour.js'
import { type Network, openNetwork } from './network.js'
import { startScript } from './script.js'
import { less, type Sample } from './windows.js'

/** What was to be seen on a link while something was done. */
export type Observed<Result> = {
  result: Result
  /** What had come for others than the neighbour, every few milliseconds. */
  samples: Sample[]
  /** What the neighbour asked for. */
  requests: Request[]
}

/** Two networks, a link between them, and a neighbour who uses it too. */
export type SharedLink = {
  readonly near: Network
  readonly far: Network
  readonly link: Link
  /** Does something, with the link watched and the neighbour asking. */
  observe<Result>(work: () => Promise<Result>): Promise<Observed<Result>>
}

export type SharedLinkOptions = {
  /** A directory for what the neighbour asks for. */
  root: string
  /** Is told what has to be done in the end, the last thing first. */
  after: (undo: () => unknown) => void
}

/** Opens such a link; refuses in one line where this process may not make networks. */
export const openSharedLink = async ({ root, after }: SharedLinkOptions): Promise<SharedLink> => {
  const [near, far] = [await openOne(after), await openOne(after)]
  const link = openLink({ near, far, rate: '500mbit' })
  // An origin of its own: it is the link that the neighbour shares, not a server.
  const origin = await startNginx({ root, host: link.farAddress, wrap: far.inside(ahead()) })
  after(origin.close)
  const [path] = makeAssets(root, 1000, 1)
  const startOne = (name: string, arg: string) =>
    startScript({ network: near, folder: import.meta.dirname, name, args: [arg], goesAhead: true })
  const watcher = await startOne('watch', link.device)
  after(watcher.stop)
  const neighbour = await startOne('neighbour', `${origin.url}${path}`)
  after(neighbour.stop)
  await neighbour.ask(200)
  return {
    near,
    far,
    link,
    async observe(work) {
      await watcher.ask('watch')
      await neighbour.ask(0)
      const end = async () => {
        const requests = await neighbour.ask<Request[]>('enough')
        return { requests, samples: less(await watcher.ask<Sample[]>('enough'), requests) }
      }
      try {
        await setTimeout(100)
        const result = await work()
        await setTimeout(100)
        return { result, ...(await end()) }
      } catch (error) {
        await end()
        throw error
      }
    },
  }
}

const openOne = async (after: (undo: () => unknown) => void): Promise<Network> => {
  try {
    const network = await openNetwork()
    after(network.close)
    return network
  } catch (error) {
    throw refusal(`this process may not make networks, as root may: ${(error as Error).message}`)
  }
}
