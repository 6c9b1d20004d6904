import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { sharedNow } from './clock.js'

/** One request of the neighbour's: when its answer was there, how long it took, and what it was in bytes; 0 of one that failed. */
export type Request = { at: number; ms: number; bytes: number }

/*
 * Asks for argv[2] over one connection, 2 ms after each answer. Told a number it asks so many times; told 0 it goes on until it is
 * told anything else. Then it says how each request went.
 */

const [, , url = ''] = process.argv
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const seen = new WeakMap<object, number>()

const ask = async (): Promise<Request> => {
  const began = sharedNow()
  try {
    const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
    const { socket } = response
    await once(response.resume(), 'end')
    const bytes = socket.bytesRead - (seen.get(socket) ?? 0)
    seen.set(socket, socket.bytesRead)
    return { at: sharedNow(), ms: sharedNow() - began, bytes }
  } catch {
    return { at: sharedNow(), ms: sharedNow() - began, bytes: 0 }
  }
}

process.send?.('started')
for (;;) {
  const [count] = (await once(process, 'message')) as [number]
  const requests: Request[] = []
  let isOver = false
  if (count === 0) {
    process.send?.('asking')
    void once(process, 'message').then(() => {
      isOver = true
    })
  }
  while (!isOver && (count === 0 || requests.length < count)) {
    requests.push(await ask())
    await setTimeout(2)
  }
  process.send?.(requests)
}
