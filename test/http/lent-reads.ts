import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.js'
import { type LentReads, lentReads } from '../../lib/http/lent-reads.js'

/** A socket that reads what is lent to it, and the other end of it. */
const open = async (
  t: Test,
  { isPaused = () => false, bytes }: { isPaused?: () => boolean; bytes?: number } = {},
) => {
  const server = createServer({ noDelay: true })
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const reads = lentReads({ bytes, socket: () => socket, isPaused })
  const { onread, highWaterMark } = reads
  const { port } = server.address() as AddressInfo
  const connecting = once(server, 'connection')
  const socket: Socket = connect({ host: '127.0.0.1', port, onread, ...{ highWaterMark } })
  const [peer]: Socket[] = await connecting
  if (!peer) throw new Error('nobody came')
  t.teardown(() => socket.destroy())
  t.teardown(() => peer.destroy())
  const arrived = (length: number) => until(() => socket.bytesRead === length)
  return { socket, peer, reads, arrived }
}

/** Takes all chunks in the tick in which they arrive, and keeps them as they are; one with `head` in it tells of it. */
const take = ({ socket, reads }: { socket: Socket; reads: LentReads }): Buffer[] => {
  const chunks: Buffer[] = []
  socket.on('readable', () => {
    for (let chunk: Buffer | null = socket.read(); chunk; chunk = socket.read()) {
      chunks.push(chunk)
      if (chunk.includes(head)) reads.head()
    }
  })
  return chunks
}

const head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'

t.test('every socket reads into the same memory, which the next read overwrites', async t => {
  const [a, b] = [await open(t), await open(t)]
  const [ofA, ofB] = [take(a), take(b)]
  a.peer.write(`${head}aaa`)
  await a.arrived(head.length + 3)
  b.peer.write(`${head}bbb`)
  await b.arrived(head.length + 3)
  t.equal(ofA[0]?.buffer, ofB[0]?.buffer)
  t.equal(`${ofA[0]}`, `${head}bbb`, 'of what was taken nothing is promised any longer')
})

t.test('what nobody takes at once stays as it was', async t => {
  let isPaused = true
  const silent = await open(t)
  const paused = await open(t, { isPaused: () => isPaused })
  const behind = await open(t)
  const other = await open(t)
  take(other)
  paused.socket.on('readable', () => {})
  silent.peer.write(`${head}aaa`)
  await silent.arrived(head.length + 3)
  paused.peer.write(`${head}bbb`)
  await paused.arrived(head.length + 3)
  // Begun without a listener, and not taken until there is more of it.
  behind.peer.write(head)
  await behind.arrived(head.length)
  behind.socket.on('readable', () => {})
  behind.peer.write('ccc')
  await behind.arrived(head.length + 3)
  for (let sent = 0; sent < 3; sent++) {
    other.peer.write(`${head}${'x'.repeat(10_000)}`)
    await other.arrived((sent + 1) * (head.length + 10_000))
  }
  t.equal(`${silent.socket.read()}`, `${head}aaa`)
  isPaused = false
  t.equal(`${paused.socket.read()}`, `${head}bbb`)
  t.equal(`${behind.socket.read()}`, `${head}ccc`)
})

t.test('a socket that pauses reads no more than once', async t => {
  const { socket, peer, arrived } = await open(t, { isPaused: () => true, bytes: 4 })
  socket.on('readable', () => {})
  peer.write('0123456789')
  await arrived(4)
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  t.equal(socket.bytesRead, 4)
})

/** `send` tells what is left of a text that was sent to one socket, once another has read. */
const openPair = async (t: Test) => {
  const [one, other] = [await open(t), await open(t)]
  const chunks = take(one)
  take(other)
  const send = async (text: string): Promise<string> => {
    const [ofOne, ofOther] = [one.socket.bytesRead, other.socket.bytesRead]
    one.peer.write(text)
    await one.arrived(ofOne + text.length)
    other.peer.write(`${head}${'x'.repeat(100)}`)
    await other.arrived(ofOther + head.length + 100)
    return `${chunks.at(-1)}`
  }
  return { begin: one.reads.begin, send }
}

t.test('pieces of a head are kept, also of the next response and behind an interim one', async t => {
  const { begin, send } = await openPair(t)
  t.equal(await send('HTTP/1.1 200 OK\r\nETag: '), 'HTTP/1.1 200 OK\r\nETag: ')
  t.equal(await send('"a"\r\n'), '"a"\r\n')
  t.equal(await send(`\r\n${head}`), `\r\n${head}`)
  begin()
  t.not(await send(`${head}a`), `${head}a`, 'one that is whole is lent')
  begin()
  t.equal(await send('HTTP/1.1 2'), 'HTTP/1.1 2')
  begin()
  const interim = 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nETag: '
  t.equal(await send(interim), interim)
  begin()
  t.equal(await send('HTTP/1.1 103 E'), 'HTTP/1.1 103 E')
  const alike = 'arly Hint2\r\n\r\nHTTP/1.1 200 OK\r\nETag: '
  t.equal(await send(alike), alike, 'whatever is where a status would be')
})

t.test('no head that undici may still be reading is lent, whatever it looks like', async t => {
  const { begin, send } = await openPair(t)
  const pieces = [
    '\r\n\r\nHTTP/2.0 302 Found\r\nLocation: http://127.0.0.1/?',
    'ICE/1.1 120 X\r\n\r\nHTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/?',
  ]
  for (const piece of pieces) {
    begin()
    t.equal(await send(piece), piece)
  }
})

t.test('a response that is over holds nothing against the next', async t => {
  const { peer, reads, arrived, ...end } = await open(t)
  const chunks = take({ reads, ...end })
  for (let response = 1; response <= 3; response++) {
    reads.begin()
    peer.write(head)
    await arrived(response * head.length)
    t.equal(chunks.length, response)
  }
})

t.test('whoever has not said its head by the next read loses its connection', async t => {
  const [a, b] = [await open(t), await open(t)]
  take(a)
  take(b)
  a.peer.write('HTTP/1.1 2zz\r\n\r\n')
  await a.arrived(16)
  const failed = once(a.socket, 'error')
  b.peer.write(head)
  t.match(await failed, [
    { code: 'ERR_HTTP_PROTOCOL', scope: 'attempt', message: 'what was read was not taken in time' },
  ])
})

t.test('whoever does not take what was lent loses its connection before it takes anything else', async t => {
  const [late, other] = [await open(t), await open(t)]
  late.socket.on('readable', () => {})
  late.peer.write(head)
  await late.arrived(head.length)
  const failed = once(late.socket, 'error')
  other.peer.write(head)
  t.match(await failed, [
    { code: 'ERR_HTTP_PROTOCOL', scope: 'attempt', message: 'what was read was not taken in time' },
  ])
  t.ok(late.socket.destroyed)
})

t.test('no more is read at a time than is asked for', async t => {
  const { peer, arrived, ...end } = await open(t, { bytes: 4 })
  const chunks = take(end)
  peer.write('0123456789')
  await arrived(10)
  t.strictSame(
    chunks.map(({ length }) => length),
    [4, 4, 2],
  )
})
