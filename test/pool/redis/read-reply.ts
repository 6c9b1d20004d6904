import fc from 'fast-check'
import t from 'tap'
import { readAnswer, readPush, readStatus } from '../../../lib/pool/redis/read-reply.js'

const snapshot = { now: 5, epoch: 7, pausedUntil: 0, factor: 0.7, holds: [['https%3A%2F%2Fo.test', 9]] }
const answer = { ...snapshot, wallTime: 3, grants: [[1, 2, 0.5, 1, 0, 64, 7, 12]], actors: 4 }
const strange = { code: 'ERR_POOL', message: 'what came from the pool cannot be understood' }

t.test('an answer is what the ledger told', async t => {
  const quota = { of: 'requests' as const, limit: 5, period: '1', endsAt: 9 }
  const given = {
    ...answer,
    pollAt: 8,
    spent: 0,
    disagreement: 'x',
    set: [{ of: 'bytes', interval: 1, savings: 0 }],
  }
  t.strictSame(readAnswer(JSON.stringify(given), 'me', [quota]), {
    ...snapshot,
    holds: [['https://o.test', 9]],
    set: [{ of: 'bytes', interval: 1, savings: 0 }],
    wallTime: 3,
    grants: [
      {
        actor: 'me',
        serial: 12,
        slot: 1,
        count: 2,
        spacing: 0.5,
        cost: { requests: 1, units: 0, bytes: 64 },
        epoch: 7,
      },
    ],
    pollAt: 8,
    spent: quota,
    disagreement: 'x',
    actors: 4,
  })
  t.match(readAnswer(JSON.stringify(answer), 'me', []), {
    set: undefined,
    pollAt: undefined,
    spent: undefined,
  })
})

t.test('anything else is ERR_POOL, and nothing worse', async t => {
  const spoiled: unknown[] = [
    undefined,
    null,
    5,
    '',
    'OK',
    '[',
    '[]',
    '{}',
    'null',
    'x'.repeat(2 << 20),
    ...Object.keys(answer).map(name => JSON.stringify({ ...answer, [name]: undefined })),
    JSON.stringify({ ...answer, grants: [[1, 2]] }),
    JSON.stringify({ ...answer, grants: [5] }),
    JSON.stringify({ ...answer, now: 'x' }),
    JSON.stringify({ ...answer, disagreement: 5 }),
    JSON.stringify({ ...answer, set: [{ of: 'feathers', interval: 1, savings: 0 }] }),
    JSON.stringify(answer).replace('"now":5', '"now":1e999'),
  ]
  for (const text of spoiled) t.throws(() => readAnswer(text, 'me', []), strange, String(text).slice(0, 60))
  const property = fc.property(fc.json(), text => {
    for (const read of [readStatus, (given: string) => readPush(given, 'me')]) {
      try {
        read(text)
        return false
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_POOL') return false
      }
    }
    return true
  })
  fc.assert(property, { numRuns: 300 })
})

t.test('names come back as they were, and those of strangers as they are', async t => {
  const users = ['a%20b', '50%'].map(user => ({ user, weight: 1, actors: 0, waiting: 0, pausedUntil: 0 }))
  const status = { ...snapshot, clocks: [], users, granted: [1, 2, 3], used: [] }
  const read = readStatus(JSON.stringify(status))
  t.strictSame(
    read.users.map(({ user }) => user),
    ['a b', '50%'],
  )
  t.strictSame(read.granted, { requests: 1, units: 2, bytes: 3 })
})
