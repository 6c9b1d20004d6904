import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { openOutbox } from '../../../lib/pool/socket/outbox.js'

const push = { now: 0, epoch: 1, pausedUntil: 0, factor: 1, holds: [], set: undefined, grants: [] }

const peerOf = () => {
  const written: string[] = []
  return { written, write: (lines: string) => void written.push(lines) }
}

t.test('all messages of a turn are stored once and written once to each peer, in their order', async t => {
  let stored = 0
  const { send } = openOutbox(() => {
    stored++
    return undefined
  })
  const [one, two] = [peerOf(), peerOf()]
  send(one, { id: 1, done: null }, true)
  send(two, { id: 2, done: null }, false)
  send(one, { id: 3, done: null }, false)
  t.strictSame([stored, one.written], [0, []])
  await setImmediate()
  t.equal(stored, 1)
  t.strictSame(one.written, ['{"id":1,"done":null}\n{"id":3,"done":null}\n'])
  t.strictSame(two.written, ['{"id":2,"done":null}\n'])
})

t.test('what could not be stored is not told: who asked hears why, and the others nothing', async t => {
  const { send, flush } = openOutbox(() => 'ENOSPC')
  const peer = peerOf()
  send(peer, { id: 1, done: null }, true)
  send(peer, { push }, true)
  send(peer, { id: 2, done: null }, false)
  flush()
  t.strictSame(peer.written, [
    '{"id":1,"error":"what is used of quotas cannot be stored (ENOSPC)"}\n{"id":2,"done":null}\n',
  ])
})
