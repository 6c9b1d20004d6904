import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { payloadOf } from '../../bench/link/payload.js'
import { relay } from '../../bench/link/relay.js'
import { less, mostWithin, perInterval, span, steadyPart } from '../../bench/link/windows.js'

/** So much had come by each of the times: one sample every 10 ms. */
const every10Ms = (...bytes: number[]) => bytes.map((bytes, index) => ({ at: 10 * index, bytes }))

t.test('the most within a time is found wherever it is', async t => {
  const samples = every10Ms(0, 10, 20, 120, 220, 230, 240)
  t.equal(mostWithin(samples, 20), 200)
  t.equal(mostWithin(samples, 10), 100)
  t.equal(mostWithin(samples, 1000), 240)
  t.equal(mostWithin([], 20), 0)
})

t.test('the steady part is from the first payload to the last, handshakes left out', async t => {
  const samples = every10Ms(5000, 5000, 5016, 5016, 205_016, 405_000, 405_016, 405_016)
  const steady = steadyPart(samples)
  t.strictSame([steady[0]?.at, steady.at(-1)?.at], [30, 50])
  t.strictSame(span(steady), { bytes: 399_984, ms: 20 })
  t.strictSame(span([]), { bytes: 0, ms: 0 })
})

t.test('what comes is told for each interval, those without anything included', async t => {
  t.strictSame(perInterval(every10Ms(0, 10, 20, 20, 20, 60), 20), [10, 10, 40])
  t.strictSame(perInterval([], 20), [])
})

t.test('what somebody else received is left out from when they had it', async t => {
  const arrivals = [
    { at: 5, bytes: 3 },
    { at: 20, bytes: 4 },
  ]
  t.strictSame(
    less(every10Ms(0, 10, 20, 30), arrivals).map(({ bytes }) => bytes),
    [0, 7, 13, 23],
  )
})

t.test('of what a device received, 66 bytes of each packet are no payload', async t => {
  const devices = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets',
    '    lo:  999999   9999    0    0    0     0          0         0   999999    9999',
    'sluice12:   15140      10    0    0    0     0          0         0      660      10',
  ].join('\n')
  t.equal(payloadOf(devices, 'sluice12'), 10 * 1448)
  t.equal(payloadOf(devices, 'none'), 0)
})

/** A connection through a relay, both ways, and its far end. */
const relayed = async (t: Test, delayMs: number, limitBytes: number) => {
  const accepted: Socket[] = []
  const listening = async (onConnection: (socket: Socket) => void) => {
    const server = createServer({ allowHalfOpen: true }, socket => {
      accepted.push(socket)
      onConnection(socket)
    })
    server.listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  t.teardown(() => {
    for (const socket of accepted) socket.destroy()
  })
  let onArrival = (_: Socket): void => {}
  const arrived = new Promise<Socket>(resolve => {
    onArrival = resolve
  })
  const port = await listening(socket => onArrival(socket))
  const between = await listening(client => {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    relay(client, upstream, { delayMs, limitBytes })
    relay(upstream, client, { delayMs, limitBytes })
  })
  const client = connect({ port: between, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => client.destroy())
  client.write('hello')
  return { client, farEnd: await arrived }
}

/** All that still comes; the socket stays open the other way. */
const rest = async (socket: Socket): Promise<string> => {
  let said = ''
  socket.on('data', piece => {
    said += piece
  })
  await once(socket, 'end')
  return said
}

t.test('a relay hands on everything, in order, each way as late as it is told', async t => {
  const { client, farEnd } = await relayed(t, 50, 1_000_000)
  const began = performance.now()
  const [hello] = await once(farEnd, 'data')
  t.equal(String(hello), 'hello')
  for (const word of ['one ', 'two ', 'three']) farEnd.write(word)
  farEnd.end()
  t.equal(await rest(client), 'one two three')
  t.ok(performance.now() - began >= 90, 'a round trip')
  client.end('bye')
  t.equal(await rest(farEnd), 'bye', 'the other way is still open')
})

t.test('a relay takes no more than its limit ahead of a reader who does not read', async t => {
  const { client, farEnd } = await relayed(t, 5, 1_000_000)
  client.pause()
  const bytes = 30_000_000
  let isTaken = false
  farEnd.end(Buffer.alloc(bytes), () => {
    isTaken = true
  })
  await new Promise(resolve => setTimeout(resolve, 300))
  t.notOk(isTaken, 'the sender waits')
  let received = 0
  for await (const piece of client) received += (piece as Buffer).length
  t.equal(received, bytes)
})
