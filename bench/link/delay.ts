import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { relay } from './relay.js'

/*
 * Stands before the origin at argv[2] (host:port) as if it were argv[3] milliseconds away, there and back. Asked anything, it says its own
 * port. The handshake of a connection is answered at once, so what is first said on it is under way for a round trip longer.
 */

const [, , origin = '', roundTrip = ''] = process.argv
const [host = '', port = ''] = origin.split(':')
const delayMs = Number(roundTrip) / 2
/** More than 500 Mbit/s bring in any round trip that is measured here. */
const limitBytes = 32_000_000

const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, client => {
  const upstream = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true })
  relay(client, upstream, { delayMs, limitBytes })
  relay(upstream, client, { delayMs, limitBytes })
  client.pause()
  setTimeout(() => client.resume(), 2 * delayMs)
})
server.listen(0, host)
await once(server, 'listening')
process.send?.('started')
process.on('message', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
