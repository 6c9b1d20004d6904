import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { socketOf } from '../../../fixtures/pool/place.js'
import { rawClient } from '../../../fixtures/pool/raw-client.js'
import { standing, termsOf } from '../../../fixtures/pool/terms.js'
import { until } from '../../../fixtures/until.js'
import { serveAt } from '../../../lib/pool/socket/serve.js'

const terms = termsOf(100)
const request = (actor: string, user = 'alice') => ({ kind: 'request', actor, user, order: standing, terms })

const served = async (t: Test) => {
  const { path } = socketOf(t)
  const link = await serveAt(path)
  t.teardown(link.close)
  return { path, link }
}

t.test('several clients are served, and the process itself', async t => {
  const { path, link } = await served(t)
  const clients = await Promise.all([rawClient(path), rawClient(path)])
  const heard: unknown[] = []
  link.hear(line => void heard.push(JSON.parse(line)))
  link.write('{"id":1,"open":"pool","protocol":1}\n{"id":2,"status":true}\n')
  for (const { say } of clients) {
    say({ id: 1, open: 'pool', protocol: 1 })
    say({ id: 2, call: request('one') })
  }
  for (const { reply } of clients) t.match(await reply(2), { done: { actors: 1 } })
  await until(() => heard.length === 2)
  t.match(heard[1], { id: 2, done: { users: [] } })
})

t.test('garbage is answered with an error, and does not end the conversation', async t => {
  const { path } = await served(t)
  const { socket, say, reply, heard } = await rawClient(path)
  const garbage = ['GET / HTTP/1.1', '\0\xff\xfe', '', '{', 'null', '"', '['.repeat(60_000), '{"id":1e999}']
  garbage.push('{"id":1,"__proto__":{"status":true}}', '{"id":2,"call":{"kind":"constructor"}}')
  garbage.push('*3\r\n$4\r\nEVAL\r', '{"id":3,"open":"pool","protocol":1,"more":1}')
  for (const line of garbage) say(line)
  socket.write(Buffer.from([0x80, 0xc0, 10]))
  say({ id: 4, open: 'pool', protocol: 1 })
  t.match(await reply(4), { done: null })
  t.equal(heard.length, garbage.join('\n').split('\n').length + 2)
  for (const told of heard.slice(0, -1)) t.type(told['error'], 'string')
})

t.test('a line that is too long ends the conversation of that client, with a word why', async t => {
  const { path } = await served(t)
  const [long, other] = await Promise.all([rawClient(path), rawClient(path)])
  const chunk = Buffer.alloc(1e6, 'a')
  long.socket.write(chunk)
  await long.closed
  t.strictSame(long.heard, [{ error: 'expected lines of at most 65536 bytes' }])
  other.say({ id: 1, open: 'pool', protocol: 1 })
  t.match(await other.reply(1), { done: null })
})

t.test('a client that never reads is let go of, and delays nobody', async t => {
  const { path } = await served(t)
  const [lazy, other] = await Promise.all([rawClient(path), rawClient(path)])
  for (const { say } of [lazy, other]) say({ id: 1, open: 'pool', protocol: 1 })
  for (let user = 0; user < 60; user++)
    other.say({ id: 100 + user, call: request(`actor ${user}`, `${user}`.padEnd(1000, 'x')) })
  await other.reply(159)
  lazy.socket.pause()
  for (let id = 2; id < 200; id++) lazy.say({ id, status: true })
  other.say({ id: 1000, status: true })
  t.match(await other.reply(1000), { done: { users: { length: 60 } } })
  lazy.socket.on('end', () => {})
  lazy.socket.resume()
  await lazy.closed
  t.ok(lazy.heard.length < 190, `${lazy.heard.length} heard`)
})

t.test('a client that goes away in the middle of a line is no fault', async t => {
  const { path } = await served(t)
  const { socket, closed } = await rawClient(path)
  socket.write('{"id":1,')
  socket.destroy()
  await closed
  const other = await rawClient(path)
  other.say({ id: 1, open: 'pool', protocol: 1 })
  t.match(await other.reply(1), { done: null })
})

t.test('closing frees the path, and ends every conversation', async t => {
  const { path, link } = await served(t)
  const { closed, socket } = await rawClient(path)
  socket.pause()
  const closing = link.close()
  t.notOk(existsSync(path))
  await closing
  await link.ended
  socket.resume()
  await closed
  await link.close()
})

t.test('a socket that is left over is replaced, anything else is not', async t => {
  const { path } = socketOf(t)
  writeFileSync(path, 'mine')
  await t.rejects(serveAt(path), {
    code: 'ERR_OPTION',
    message: `pool: expected a socket at ${path}, or nothing, got something else`,
  })
  t.equal(readFileSync(path, 'utf8'), 'mine')
})

t.test('where no socket can be made the error of the system is told', async t => {
  await t.rejects(serveAt('/proc/pool'), { code: /^E/ })
})

t.test('a server whose socket somebody has removed ends, as newcomers would not find it', async t => {
  const { path, link } = await served(t)
  const { closed } = await rawClient(path)
  rmSync(path)
  await closed
  await link.ended
})

t.test('it does not take away what another has put there since', async t => {
  const { path, link } = await served(t)
  rmSync(path)
  await link.ended
  const other = createServer().listen(path)
  t.teardown(() => other.close())
  await until(() => existsSync(path))
  await link.close()
  t.ok(existsSync(path))
})
