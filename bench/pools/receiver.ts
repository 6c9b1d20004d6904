import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sharedNow } from '../link/clock.js'

/* A server that answers nothing, and notes when it was asked: where it is, is 'where'; 'arrivals' are those since then. */

let arrivals: number[] = []
const server = createServer((_, response) => {
  arrivals.push(sharedNow())
  response.end()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.('started')
process.on('message', question => {
  if (question === 'where') {
    arrivals = []
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } else process.send?.(arrivals)
})
process.once('disconnect', () => process.exit())
