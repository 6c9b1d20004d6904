import t from 'tap'
import { isAnswerTo, readReply } from '../../../lib/pool/socket/read-reply.js'

const snapshot = { now: 1, epoch: 1, pausedUntil: 0, factor: 1, holds: [] }
const cost = { requests: 1, units: 0, bytes: 0 }
const grant = { actor: 'one', serial: 1, slot: 1, count: 1, spacing: 1, cost, epoch: 1 }
const answer = { ...snapshot, wallTime: 1, grants: [grant] }
const call = { call: { kind: 'resume', terms: { pool: [] } } } as never

t.test('replies and what is told without being asked are understood', async t => {
  const lines = [
    { id: 1, done: null },
    { id: 2, done: answer },
    { id: 3, error: 'no' },
    { push: { ...snapshot, grants: [grant] }, actor: 'one' },
    { push: { ...snapshot, grants: [] } },
  ]
  for (const line of lines) t.strictSame(readReply(JSON.stringify(line)), line)
})

t.test('anything else tells nothing', async t => {
  const lines = [
    '',
    'null',
    '1',
    '"a"',
    '[]',
    '{',
    '{"id":"1","done":null}',
    '{"id":1}',
    '{"push":{}}',
    '{"push":1}',
  ]
  lines.push('['.repeat(100_000))
  lines.push(JSON.stringify({ push: { ...snapshot, grants: [{}] } }), JSON.stringify({ push: snapshot }))
  for (const line of lines) t.match(readReply(line), { id: undefined, error: 'nothing' }, line.slice(0, 50))
})

t.test('an answer is one to what was asked', async t => {
  t.ok(isAnswerTo(call, answer))
  t.ok(isAnswerTo({ status: true }, { ...snapshot, users: [] }))
  t.ok(isAnswerTo({ listen: 'one' }, null))
  for (const done of [null, 1, {}, snapshot, { ...answer, wallTime: 'x' }, { ...answer, grants: [null] }])
    t.notOk(isAnswerTo(call, done))
  t.notOk(isAnswerTo({ status: true }, snapshot))
  t.notOk(isAnswerTo({ status: true }, null))
  t.notOk(isAnswerTo({ open: 'pool', protocol: 1 }, answer))
})
