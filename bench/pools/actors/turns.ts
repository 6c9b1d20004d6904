import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { systemClock } from '../../../lib/rate/clock.js'
import type { Contestant, ContestantOptions } from './contestant.js'

/** Who comes listens for so long before it says that it is there. */
const listenMs = 120

type Said = { from: string; does: 'here' | 'acted' }

/**
 * Turn-taking over pub/sub, as Air describes it: actors stand in a ring, and whoever is behind the one that acted last acts 1 / rate after it
 * heard of that. One of whom nothing is heard for that long and a while is taken to be gone, and the one behind it is next.
 */
export const turnTakingActor = async (options: ContestantOptions): Promise<Contestant> => {
  const { url, name, actor, rate } = options
  const everyMs = 1000 / rate
  const patienceMs = 2 * everyMs + 10
  const [speaker, listener] = [new Redis(url), new Redis(url)]
  for (const client of [speaker, listener]) client.on('error', () => {})
  const ring = new Set<string>()
  const waiting: (() => void)[] = []
  let last = ''
  let cancel = () => {}

  const say = (does: Said['does']): void => {
    speaker.publish(name, JSON.stringify({ from: actor, does })).catch(() => {})
  }
  const behind = (before: string): string => {
    const sorted = [...ring].sort()
    return sorted.find(member => member > before) ?? sorted[0] ?? actor
  }
  const arm = (extraMs = 0): void => {
    cancel()
    const next = behind(last)
    if (next === actor) cancel = systemClock.after(everyMs, act)
    else
      cancel = systemClock.after(everyMs + patienceMs + extraMs, () => {
        ring.delete(next)
        arm()
      })
  }
  const act = (): void => {
    waiting.shift()?.()
    say('acted')
  }
  const hear = ({ from, does }: Said): void => {
    if (!ring.has(from)) {
      ring.add(from)
      // So that who is new knows of this one, too.
      if (from !== actor && ring.has(actor)) say('here')
    }
    if (does === 'acted') {
      last = from
      arm()
    }
  }

  return {
    async join() {
      listener.on('message', (_, text: string) => hear(JSON.parse(text) as Said))
      await listener.subscribe(name)
      await sleep(listenMs)
      ring.add(actor)
      say('here')
    },
    draw(act) {
      return new Promise(resolve => {
        waiting.push(() => {
          act()
          resolve()
        })
        // Somebody has to be first.
        if (last === '' && waiting.length === 1) arm()
      })
    },
  }
}
