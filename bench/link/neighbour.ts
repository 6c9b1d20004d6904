import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { sharedNow } from './clock.js'

/** One request of the neighbour's: when its answer was there, how long it took, and what it was in bytes; 0 of one that failed. */
export type Request = { at: number; ms: number; bytes: number }

/*
 * Asks for argv[2] over one connection, 2 ms after each answer. Told a number it asks so many times; told 0 it goes on until it is
 * told anything else. Then it says how each request went. It speaks HTTP by itself, so as to need no more of the processors than
 * what it watches leaves.
 */

const [, , url = ''] = process.argv
const { hostname, port, pathname } = new URL(url)
const question = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`
let socket: Socket | undefined

const connection = (): Socket => {
  if (!socket || socket.destroyed) {
    socket = connect({ host: hostname, port: Number(port), noDelay: true })
    socket.on('error', () => {})
  }
  return socket
}

/** How many bytes an answer has, once that can be told. */
const lengthOf = (beginning: string): number => {
  const end = beginning.indexOf('\r\n\r\n')
  const [, length] = /^content-length: *(\d+)/im.exec(beginning) ?? []
  return end < 0 ? Number.POSITIVE_INFINITY : end + 4 + Number(length)
}

const ask = (): Promise<Request> =>
  new Promise(resolve => {
    const began = sharedNow()
    const asked = connection()
    let answer = ''
    const end = (bytes: number): void => {
      asked.off('data', take).off('close', fail)
      resolve({ at: sharedNow(), ms: sharedNow() - began, bytes })
    }
    const take = (piece: Buffer): void => {
      answer += piece.toString('latin1')
      if (answer.length >= lengthOf(answer)) end(answer.length)
    }
    const fail = (): void => end(0)
    asked.on('data', take).on('close', fail).write(question)
  })

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
