import t from 'tap'
import { type SummarizeOptions, summarize } from '../../lib/flow/summary.js'
import { newTally } from '../../lib/flow/tally.js'

const facts: SummarizeOptions = {
  bytesReceived: 5000,
  ms: 2000.4,
  worstSecond: 4000,
  peakMemory: 50e6,
  exitCode: 1,
  cap: 4000,
  highestCap: 4000,
}

t.test('a summary has the counts of the tally and the numbers of the run', async t => {
  const tally = { ...newTally(), entries: 3, stored: 2, failed: { ERR_DNS: 1 } }
  t.strictSame(summarize(tally, facts), {
    ...tally,
    bytesReceived: 5000,
    ms: 2000,
    meanRate: 2500,
    cap: 4000,
    worstSecond: 4000,
    capBreached: false,
    peakMemory: 50e6,
    exitCode: 1,
  })
})

t.test('the cap is breached by a second with more than a tenth above it', async t => {
  const off = Number.POSITIVE_INFINITY
  const cases: [change: Partial<SummarizeOptions>, expected: { cap: number | null; capBreached: boolean }][] =
    [
      [{ worstSecond: 4400 }, { cap: 4000, capBreached: false }],
      [{ worstSecond: 4401 }, { cap: 4000, capBreached: true }],
      [
        { worstSecond: 1e9, cap: off, highestCap: off },
        { cap: null, capBreached: false },
      ],
      [
        { worstSecond: 8000, highestCap: 8000 },
        { cap: 4000, capBreached: false },
      ],
      [
        { worstSecond: 1e9, highestCap: off },
        { cap: 4000, capBreached: false },
      ],
    ]
  for (const [change, expected] of cases)
    t.match(summarize(newTally(), { ...facts, ...change }), expected, JSON.stringify(change))
})

t.test('what is planned takes the time that the cap makes it take, if there is one', async t => {
  const planned = { assets: 3, bytes: 10_000, unknownSize: 1 }
  const timeOf = (cap: number, tally = { ...newTally(), planned }) =>
    summarize(tally, { ...facts, cap }).plannedMs
  t.equal(timeOf(4000), 2500)
  t.equal(timeOf(4000, { ...newTally(), planned: { assets: 0, bytes: 0, unknownSize: 0 } }), 0)
  t.equal(timeOf(4000, { ...newTally(), planned: { ...planned, bytes: 0 } }), undefined, 'no size is known')
  t.equal(timeOf(Number.POSITIVE_INFINITY), undefined)
  t.notOk('plannedMs' in summarize(newTally(), facts), 'a sync plans nothing')
})

t.test('a run that took no time has a mean rate all the same', async t => {
  t.equal(summarize(newTally(), { ...facts, ms: 0, bytesReceived: 7 }).meanRate, 7000)
})
