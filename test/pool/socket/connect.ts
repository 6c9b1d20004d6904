import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { socketOf } from '../../../fixtures/pool/place.js'
import { until } from '../../../fixtures/until.js'
import { connectTo } from '../../../lib/pool/socket/connect.js'
import type { Link } from '../../../lib/pool/socket/link.js'

/** Somebody who listens, and the link to it. */
const connected = async (t: Test) => {
  const { path } = socketOf(t)
  const server = createServer().listen(path)
  t.teardown(() => server.close())
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const link = (await connectTo(path)) as Link
  t.teardown(link.close)
  const [socket] = (await accepted) as [Socket]
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  return { link, socket }
}

t.test('lines go both ways, until the other side ends', async t => {
  const { link, socket } = await connected(t)
  const heard: string[] = []
  link.hear(line => void heard.push(line))
  link.write('{"id":1}\n')
  t.equal(String((await once(socket, 'data'))[0]), '{"id":1}\n')
  socket.end('one\ntwo\nthr')
  await link.ended
  t.strictSame(heard, ['one', 'two'])
  link.write('nobody hears it\n')
})

t.test('where nobody accepts there is no link', async t => {
  const { path } = socketOf(t)
  t.equal(await connectTo(path), undefined)
  writeFileSync(path, '')
  t.equal(await connectTo(path), undefined)
})

t.test('any other fault is told', async t => {
  await t.rejects(connectTo('/dev/null/pool'), { code: 'ENOTDIR' })
})

t.test('closing ends even where the other side does not read', async t => {
  const { link, socket } = await connected(t)
  socket.pause()
  link.write(`${'a'.repeat(4e6)}\n`)
  await link.close()
  await link.ended
})

t.test('where nobody reads for very long the link ends', async t => {
  const { link, socket } = await connected(t)
  socket.pause()
  for (let count = 0; count < 12; count++) link.write(`${'a'.repeat(1e6)}\n`)
  await link.ended
})

t.test('a server that says too much at once is not listened to', async t => {
  const { link, socket } = await connected(t)
  let isOver = false
  void link.ended.then(() => {
    isOver = true
  })
  const chunk = Buffer.alloc(1024 * 1024, 'a')
  socket.on('drain', () => socket.write(chunk))
  socket.write(chunk)
  await until(() => isOver)
})
