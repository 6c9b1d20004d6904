import t from 'tap'
import { progressOf } from '../../lib/flow/progress.js'
import { newTally } from '../../lib/flow/tally.js'

t.test('progress is what was counted, what is in flight, and what the others wait for', async t => {
  const tally = { ...newTally(), entries: 3, stored: 2, skipped: { unchanged: 1 } }
  const progress = progressOf({
    tally,
    read: 40,
    total: undefined,
    cap: 1000,
    gauge: { entries: 37, running: 10, awaitingBytes: 6, awaitingRequest: 3, held: 5, backingOff: 2 },
    received: { total: 7000, rate: () => 900 },
  })
  t.strictSame(progress, {
    ...tally,
    read: 40,
    total: undefined,
    cap: 1000,
    inFlight: 10,
    waiting: { cap: 6, request: 3, origin: 5, retry: 2, slot: 20 },
    rate: 900,
    bytesReceived: 7000,
  })
})
