import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { quotaOf, standing, termsOf } from '../../../fixtures/pool/terms.js'
import { openKept } from '../../../lib/pool/socket/kept.js'
import { poolServer } from '../../../lib/pool/socket/server.js'

const terms = { ...termsOf(100), fence: 0 }
const request = (actor: string, asked = terms) => ({
  kind: 'request',
  actor,
  user: 'alice',
  order: standing,
  terms: asked,
})

const served = (t: Test, path = join(t.testdir(), 'quotas')) => {
  const server = poolServer(openKept(path))
  t.teardown(server.close)
  const attend = () => {
    const heard: Record<string, unknown>[] = []
    const write = (lines: string) => {
      for (const line of lines.trim().split('\n')) heard.push(JSON.parse(line))
    }
    const { hear, gone } = server.attend({ write })
    return { heard, gone, hear, say: (asked: object) => hear(JSON.stringify(asked)) }
  }
  return { server, attend, path }
}

t.test('a pool is opened before anything is asked of it, in the language of the server', async t => {
  const { attend } = served(t)
  const { say, hear, heard } = attend()
  say({ id: 1, status: true })
  say({ id: 2, open: 'pool', protocol: 2 })
  hear('what?')
  say({ id: 3, open: 'pool', protocol: 1 })
  say({ id: 4, status: true })
  await setImmediate()
  t.match(heard, [
    { id: 1, error: 'expected a pool to be opened first' },
    { id: 2, error: 'expected protocol 1, got 2' },
    { id: undefined, error: 'expected a line of JSON' },
    { id: 3, done: null },
    { id: 4, done: { epoch: 0, users: [] } },
  ])
})

t.test('pools of other names are other pools', async t => {
  const { attend } = served(t)
  const [one, two] = [attend(), attend()]
  one.say({ id: 1, open: 'one', protocol: 1 })
  two.say({ id: 1, open: 'two', protocol: 1 })
  one.say({ id: 2, call: request('actor') })
  two.say({ id: 2, status: true })
  await setImmediate()
  t.match(one.heard[1], { done: { actors: 1 } })
  t.match(two.heard[1], { done: { users: [] } })
})

t.test('who listens hears how it stands, what concerns all, and what it is granted', async t => {
  const { attend } = served(t)
  // So slow that nothing more is granted while this asserts.
  const slow = { ...terms, ...termsOf(1) }
  const [one, two, deaf] = [attend(), attend(), attend()]
  for (const peer of [one, two, deaf]) peer.say({ id: 1, open: 'pool', protocol: 1 })
  one.say({ id: 2, listen: 'early' })
  one.say({ id: 3, call: request('one', slow) })
  two.say({ id: 2, listen: 'two' })
  await setImmediate()
  t.match(one.heard.slice(2), [{ push: { grants: [] } }, { id: 3 }], 'a new epoch concerns all')
  t.match(two.heard.slice(1), [{ actor: 'two', push: { grants: [] } }, { id: 2 }])
  two.say({ id: 3, call: request('two', slow) })
  one.say({ id: 4, call: { kind: 'resume', terms: slow } })
  await setImmediate()
  t.match(two.heard.slice(3), [{ id: 3 }, { push: { pausedUntil: 0, grants: [] } }])
  two.say({ id: 5, unlisten: 'two' })
  one.say({ id: 5, call: { kind: 'resume', terms: slow } })
  await setImmediate()
  t.match(two.heard.slice(5), [{ id: 5 }])
  t.equal(two.heard.length, 6)
  t.equal(deaf.heard.length, 1)
})

t.test('the actors of a peer that has gone leave, unless they have come back by another', async t => {
  const { attend } = served(t)
  const [one, two] = [attend(), attend()]
  for (const peer of [one, two]) peer.say({ id: 1, open: 'pool', protocol: 1 })
  one.say({ id: 2, call: request('gone') })
  one.say({ id: 3, call: request('moved') })
  one.say({ id: 4, call: request('left') })
  one.say({ id: 5, call: { kind: 'leave', actor: 'left', terms } })
  two.say({ id: 2, call: request('moved') })
  one.gone()
  two.say({ id: 3, status: true })
  await setImmediate()
  t.match(two.heard[2], { done: { users: [{ user: 'alice', actors: 1 }] } })
})

t.test('nobody hears of a grant that the disk does not know of', async t => {
  const directory = t.testdir({ state: {} })
  const { attend, path } = served(t, join(directory, 'state/quotas'))
  const { say, heard } = attend()
  const limited = { ...request('one'), terms: { ...terms, quotas: [quotaOf(5)] } }
  say({ id: 1, open: 'pool', protocol: 1 })
  say({ id: 2, call: limited })
  await setImmediate()
  const granted = (heard[1] as { done: { grants: unknown[] } }).done.grants.length
  t.equal(openKept(path).pools.get('pool')?.used[0]?.amount, granted)
  t.not(granted, 0)
})

t.test('what cannot be stored is refused, and stored once it can be', async t => {
  const directory = t.testdir()
  const { attend, path } = served(t, join(directory, 'state/quotas'))
  const { say, heard } = attend()
  say({ id: 1, open: 'pool', protocol: 1 })
  say({ id: 2, call: request('one') })
  await setImmediate()
  t.match(heard[1], { id: 2, error: 'what is used of quotas cannot be stored (ENOENT)' })
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(directory, 'state'))
  say({ id: 3, call: request('one') })
  await setImmediate()
  t.match(heard.at(-1), { id: 3, done: { actors: 1 } })
  t.equal(openKept(path).pools.size, 1)
})

t.test('a server that has closed does nothing any more, as another may have taken over', async t => {
  const { server, attend, path } = served(t)
  const { say, heard, gone } = attend()
  say({ id: 1, open: 'pool', protocol: 1 })
  say({ id: 2, call: request('one') })
  server.close()
  t.match(
    heard,
    [{ id: 1 }, { id: 2 }, { bye: true }],
    'what was asked is answered still, and the rest was not heard',
  )
  writeFileSync(path, 'of another')
  say({ id: 3, call: request('one') })
  gone()
  await setImmediate()
  t.equal(heard.length, 3)
  t.throws(() => openKept(path))
})
