import t from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { SyncError } from '../../lib/errors.js'
import {
  count,
  type FailureLimit,
  failuresOf,
  newPlanTally,
  newTally,
  type Tally,
  tooManyFailures,
} from '../../lib/flow/tally.js'
import { duplicate, failed, type Outcome, planned, stored, unchanged } from '../../lib/outcome.js'

const entry = entryOf(0)

const storedOf = (bytes: number) => stored(entry, { bytes, received: bytes + 300, attempts: 1, ms: 1 })

const tallyOf = (outcomes: readonly Outcome[]): Tally => {
  const tally = newTally()
  for (const outcome of outcomes) count(tally, outcome)
  return tally
}

t.test('outcomes are counted by what they are', async t => {
  const outcomes = [
    storedOf(10),
    storedOf(5),
    unchanged(entry, 'etag', { bytes: 100 }),
    unchanged(entry, 'manifest'),
    duplicate(entry, 0),
    failed(entry, new SyncError('ERR_DNS', 'no such host')),
    failed(entry, new SyncError('ERR_DNS', 'no such host')),
    failed(entry, new SyncError('ERR_TYPE', 'text/html')),
  ]
  t.strictSame(tallyOf(outcomes), {
    entries: 8,
    stored: 2,
    skipped: { unchanged: 2, duplicate: 1 },
    failed: { ERR_DNS: 2, ERR_TYPE: 1 },
    bytesStored: 15,
    bytesSaved: 100,
  })
  t.equal(failuresOf(tallyOf(outcomes)), 3)
})

t.test('what is planned is counted with its bytes, and apart where they are unknown', async t => {
  const outcomes = [planned(entry, { bytes: 10 }), planned(entry, {}), planned(entry, { bytes: 0 })]
  const expected = { ...newTally(), entries: 3, planned: { assets: 3, bytes: 10, unknownSize: 1 } }
  t.strictSame(tallyOf(outcomes), expected)
  t.strictSame(newPlanTally(), { ...newTally(), planned: { assets: 0, bytes: 0, unknownSize: 0 } })
  const tally = newPlanTally()
  for (const outcome of outcomes) count(tally, outcome)
  t.strictSame(tally, expected)
})

t.test('an outcome comes back as it is, and an entry at the end of the pipe is a bug', async t => {
  const outcome = storedOf(1)
  const tally = newTally()
  t.equal(count(tally, outcome), outcome)
  t.throws(() => count(tally, entry), {
    name: 'TypeError',
    message: 'entry 0 came to the end without an outcome',
  })
  t.equal(tally.entries, 1)
})

t.test('the run can be resumed when the first origin that asked to wait can be asked again', async t => {
  const at = (retryAt: string, code: 'ERR_RETRY_AFTER' | 'ERR_HTTP_STATUS' = 'ERR_RETRY_AFTER') =>
    failed(entry, new SyncError(code, 'later', { retryAt }))
  const [soon, later, farOff] = [
    '2026-11-22T10:00:00.000Z',
    '2026-11-23T00:00:00.000Z',
    '+275760-09-13T00:00:00.000Z',
  ]
  t.equal(tallyOf([storedOf(1)]).resumeAt, undefined)
  for (const moments of [
    [soon, later, farOff],
    [farOff, later, soon],
  ])
    t.equal(tallyOf(moments.map(moment => at(moment))).resumeAt, soon)
  t.equal(
    tallyOf([at(soon, 'ERR_HTTP_STATUS')]).resumeAt,
    undefined,
    'a wait that was waited for says nothing',
  )
})

t.test(
  'a tally is past a limit of failures once it has more, and past a share from a hundred outcomes on',
  async t => {
    const cases: [limit: FailureLimit, failures: number, others: number, isPast: boolean][] = [
      [{ count: 0 }, 0, 50, false],
      [{ count: 0 }, 1, 0, true],
      [{ count: 3 }, 3, 0, false],
      [{ count: 3 }, 4, 0, true],
      [{ count: Number.POSITIVE_INFINITY }, 200, 0, false],
      [{ share: 0.05 }, 99, 0, false],
      [{ share: 0.05 }, 5, 95, false],
      [{ share: 0.05 }, 6, 94, true],
      [{ share: 0.05 }, 10, 190, false],
      [{ share: 0 }, 1, 99, true],
      [{ share: 1 }, 100, 0, false],
    ]
    for (const [limit, failures, others, isPast] of cases) {
      const outcomes = [
        ...Array.from({ length: failures }, () => failed(entry, new SyncError('ERR_DNS', 'no such host'))),
        ...Array.from({ length: others }, () => storedOf(1)),
      ]
      const message = `${failures} of ${failures + others} entries failed, more than --max-failures`
      t.match(
        tooManyFailures(tallyOf(outcomes), limit),
        isPast ? { code: 'ERR_TOO_MANY_FAILURES', scope: 'run', message } : undefined,
        JSON.stringify([limit, failures, others]),
      )
    }
  },
)
