import t from 'tap'
import { namedEntryOf } from '../../fixtures/entries.js'
import { dedupe, type Taken } from '../../lib/stages/dedupe.js'

const entry = namedEntryOf(5, { path: 'a.jpg', sku: 7 })

const cases: { title: string; taken: Taken | undefined; expected: object }[] = [
  { title: 'who claims a destination first goes on', taken: undefined, expected: entry },
  {
    title: 'a later claim with the same URL is a duplicate',
    taken: { of: 2, sameUrl: true },
    expected: { index: 5, path: 'a.jpg', status: 'skipped', reason: 'duplicate', of: 2, sku: 7 },
  },
  {
    title: 'a later claim with another URL fails',
    taken: { of: 2, sameUrl: false },
    expected: {
      index: 5,
      path: 'a.jpg',
      status: 'failed',
      error: { code: 'ERR_PATH_TAKEN', message: 'entry 2 has this destination', retryable: false },
      of: 2,
      sku: 7,
    },
  },
]

for (const { title, taken, expected } of cases)
  t.test(`${title}, whether that is known at once or later`, async t => {
    const asked: unknown[] = []
    const now = dedupe({
      claim: (...claim) => {
        asked.push(claim)
        return taken
      },
    })
    const later = dedupe({ claim: async () => taken })
    t.match(now(entry), expected)
    t.strictSame(asked, [['a.jpg', 5, 'key']])
    t.match(await later(entry), expected)
  })

t.test('a claim that cannot be decided is thrown', async t => {
  const error = new Error('the disk is gone')
  await t.rejects(async () => dedupe({ claim: () => Promise.reject(error) })(entry), error)
})
