import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { termsOf } from '../../../fixtures/pool/terms.js'
import type { Push } from '../../../lib/pool/keeper.js'
import { poolClient } from '../../../lib/pool/socket/client.js'
import type { Link } from '../../../lib/pool/socket/link.js'

const terms = termsOf(100)
const snapshot = { now: 1, epoch: 1, pausedUntil: 0, factor: 1, holds: [], grants: [] }
const answer = { ...snapshot, wallTime: 1 }
const leave = { kind: 'leave', actor: 'one', terms } as const
const settle = {
  kind: 'settle',
  user: 'alice',
  weight: 1,
  more: { requests: 0, units: 0, bytes: 1 },
  terms,
} as const

type Said = {
  id: number
  open?: string
  call?: { kind: string }
  listen?: string
  unlisten?: string
  status?: true
}

/** A link whose other end is the test. */
const linked = () => {
  const said: Said[] = []
  let tell = (_line: string): void => {}
  const link: Link = {
    write: line => void said.push(JSON.parse(line)),
    hear(line) {
      tell = line
    },
    ended: new Promise(() => {}),
    close: async () => {},
  }
  const say = (line: object | string) => tell(typeof line === 'string' ? line : JSON.stringify(line))
  const answerLast = (reply: object) => say({ id: said.at(-1)?.id, ...reply })
  return { link, said, say, answerLast }
}

const opened = async (timeoutMs = 1000) => {
  const client = poolClient({ name: 'pool', path: '/run/pools', timeoutMs })
  const end = linked()
  const using = client.use(end.link)
  end.answerLast({ done: null })
  await using
  return { client, ...end }
}

t.test('an answer goes to whoever asked, in whatever order', async t => {
  const { client, said, say } = await opened()
  t.match(said, [{ open: 'pool', protocol: 1 }])
  const calls = [client.call(leave), client.status()]
  t.match(said.slice(1), [{ call: leave }, { status: true }])
  say({ id: said[2]?.id, done: { ...snapshot, users: [] } })
  say({ id: said[1]?.id, done: answer })
  say({ id: said[1]?.id, done: answer })
  t.match(await Promise.all(calls), [answer, { users: [] }])
})

t.test('without an answer in time a call rejects, and what comes later is nobody’s', async t => {
  const { client, answerLast } = await opened(20)
  await t.rejects(client.call(leave), {
    code: 'ERR_POOL',
    message: 'the pool at /run/pools has not answered for 20 ms',
  })
  answerLast({ done: answer })
})

t.test('a refusal and an answer that cannot be understood reject, garbage is passed over', async t => {
  const { client, answerLast, say } = await opened()
  const refused = client.call(leave)
  answerLast({ error: 'no' })
  await t.rejects(refused, { code: 'ERR_POOL', message: 'the pool at /run/pools refuses: no' })
  const strange = client.call(leave)
  say('garbage')
  answerLast({ done: { ...answer, now: 'late' } })
  await t.rejects(strange, {
    code: 'ERR_POOL',
    message: 'the pool at /run/pools answers what cannot be understood',
  })
})

t.test('listeners hear what is told to their actor or to all, until they end it', async t => {
  const { client, say, said } = await opened()
  const heard: [string, Push][] = []
  const ends = ['one', 'two'].map(actor => client.listen(actor, push => void heard.push([actor, push])))
  const endAgain = client.listen('one', push => void heard.push(['again', push]))
  say({ push: snapshot })
  t.strictSame(
    heard.splice(0).map(([actor]) => actor),
    ['one', 'again', 'two'],
  )
  say({ push: snapshot, actor: 'two' })
  say({ push: snapshot, actor: 'nobody' })
  t.strictSame(
    heard.splice(0).map(([actor]) => actor),
    ['two'],
  )
  endAgain()
  endAgain()
  t.notOk(
    said.some(({ unlisten }) => unlisten),
    'another one listens still',
  )
  for (const end of ends) end()
  t.match(said.slice(-2), [{ unlisten: 'one' }, { unlisten: 'two' }])
  say({ push: snapshot })
  t.strictSame(heard, [])
})

t.test('what is asked while there is no server is asked of the next one', async t => {
  const client = poolClient({ name: 'pool', path: '/run/pools' })
  client.listen('one', () => {})
  const calls = [client.call(leave), client.call(settle)]
  const { link, said, say, answerLast } = linked()
  const using = client.use(link)
  t.match(said, [{ open: 'pool' }])
  answerLast({ done: null })
  await using
  t.match(said.slice(1), [{ listen: 'one' }, { call: leave }, { call: settle }])
  for (const { id } of said.slice(2)) say({ id, done: answer })
  t.match(await Promise.all(calls), [answer, answer])
})

t.test('a server that has gone is asked again where that does no harm', async t => {
  const { client } = await opened()
  const [repeated, once] = [client.call(leave), client.call(settle)]
  client.lose()
  await t.rejects(once, { code: 'ERR_POOL', message: 'the pool at /run/pools has gone away' })
  const next = linked()
  const using = client.use(next.link)
  next.answerLast({ done: null })
  await using
  t.match(next.said.slice(1), [{ call: leave }])
  next.answerLast({ done: answer })
  t.match(await repeated, answer)
})

t.test(
  'what a server that says goodbye has not answered it has not heard: the next one is asked',
  async t => {
    const { client, say } = await opened()
    const settled = client.call(settle)
    say({ bye: true })
    client.lose()
    const next = linked()
    const using = client.use(next.link)
    next.answerLast({ done: null })
    await using
    t.match(next.said.at(-1), { call: { kind: 'settle' } })
    next.answerLast({ done: answer })
    t.match(await settled, answer)
  },
)

t.test('what does not speak the language is not used', async t => {
  const client = poolClient({ name: 'pool', path: '/run/pools', timeoutMs: 20 })
  const silent = linked()
  await t.rejects(client.use(silent.link), { code: 'ERR_POOL', message: /has not answered/ })
  const gone = linked()
  const using = client.use(gone.link)
  client.lose()
  await t.rejects(using, { code: 'ERR_POOL', message: /has gone away/ })
  const later = linked()
  const refused = client.use(later.link)
  later.answerLast({ error: 'expected protocol 2, got 1' })
  await t.rejects(refused, { code: 'ERR_POOL', message: /refuses: expected protocol 2, got 1$/ })
})

t.test('once it is closed nothing waits any more, and nothing is asked', async t => {
  const { client, said } = await opened()
  const call = client.call(leave)
  client.close()
  await t.rejects(call, { code: 'ERR_POOL', message: 'the pool at /run/pools is closed' })
  await t.rejects(client.status(), { code: 'ERR_POOL', message: 'the pool at /run/pools is closed' })
  await setImmediate()
  t.equal(said.length, 2)
})
