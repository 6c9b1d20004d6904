import { type Nginx, startNginx } from '../core/nginx.js'
import { runTool } from './run-tool.js'
import { startScript } from './script.js'
import type { SharedLink } from './shared-link.js'

/** The origins at the far end. */
export type Origins = {
  /** What URLs begin with, for each of so many origins. */
  urls(wanted: { origins: number; ranges: boolean; roundTripMs: number }): Promise<string[]>
  /** How many requests they all have had, but for such questions. */
  requests(): number
}

export type OriginsOptions = { shared: SharedLink; root: string; after: (undo: () => unknown) => void }

/** Starts three origins with ranges and one without; one is farther away, too, as soon as that is asked for. */
export const startOrigins = async ({ shared, root, after }: OriginsOptions): Promise<Origins> => {
  const { far, link } = shared
  const start = async (ranges: boolean): Promise<Nginx> => {
    const server = 'location = /status { stub_status; }'
    const origin = await startNginx({ root, ranges, server, host: link.farAddress, wrap: far.inside([]) })
    after(origin.close)
    return origin
  }
  const ranged = [await start(true), await start(true), await start(true)]
  const whole = await start(false)
  const farAway = new Map<number, string>()
  let questions = 0

  const behind = async (roundTripMs: number): Promise<string> => {
    const { host, port } = new URL(ranged[0]?.url ?? '')
    const known = farAway.get(roundTripMs)
    if (known) return known
    const delay = await startScript({
      network: far,
      folder: import.meta.dirname,
      name: 'delay',
      args: [host, `${roundTripMs}`],
      goesAhead: true,
    })
    after(delay.stop)
    const url = `http://${host.replace(port, `${await delay.ask<number>('port')}`)}`
    farAway.set(roundTripMs, url)
    return url
  }
  return {
    async urls({ origins, ranges, roundTripMs }) {
      if (roundTripMs > 0) return [await behind(roundTripMs)]
      return ranges ? ranged.slice(0, origins).map(({ url }) => url) : [whole.url]
    },
    requests() {
      const counts = [...ranged, whole].map(({ url }) => {
        const status = runTool(shared.near.inside(['curl', '-s', `${url}/status`]))
        return Number(/^ \d+ \d+ (\d+)/m.exec(status)?.[1] ?? 0)
      })
      questions += counts.length
      return counts.reduce((sum, count) => sum + count, -questions)
    },
  }
}
