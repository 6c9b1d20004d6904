import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { type CostVector, nothing } from '../../lib/ledger/terms.js'
import { noRates } from '../../lib/pool/limits.js'
import { openShare } from '../../lib/pool/share.js'

/** A share of a pool of four on which any number wait, each for `cost`. */
const open = (limits: object, cost: Partial<CostVector>, more: object = {}) => {
  const clock = manualClock()
  const waiting = Array.from({ length: 1000 }, () => ({ cost: { ...nothing, ...cost } }))
  const served: number[] = []
  const share = openShare({
    rates: { ...noRates, ...limits },
    user: noRates,
    actors: 4,
    clock,
    head: () => waiting[0],
    serve(waiter) {
      if (waiting[0] !== waiter) return false
      waiting.shift()
      served.push(clock.now())
      return true
    },
    ...more,
  })
  share?.wake()
  const run = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5) await clock.advance(5)
    return served.length
  }
  return { share, served, waiting, run }
}

const isNear = (found: number, wanted: number): boolean => Math.abs(found - wanted) <= 1

t.test('a share is one part of what all had, and no more than the user may have', async t => {
  const hundred = { requestsPerSecond: 100 }
  t.ok(isNear(await open(hundred, { requests: 1 }).run(1000), 25))
  const user = { ...noRates, requestsPerSecond: 20 }
  t.ok(isNear(await open(hundred, { requests: 1 }, { user }).run(1000), 5))
  t.ok(isNear(await open({ unitsPerSecond: 400 }, { units: 10 }).run(1000), 10))
})

t.test('where nothing says how fast there is nothing to share', async t => {
  t.equal(open({}, { requests: 1 }).share, undefined)
})

t.test('the rate can change, and what was granted is known', async t => {
  const { share, run } = open({ bytesPerSecond: 4000 }, { bytes: 100 })
  t.ok(isNear(await run(1000), 10))
  share?.setRate(8000)
  t.ok(isNear(await run(1000), 30))
  t.ok(isNear((share?.granted().bytes ?? 0) / 100, 30))
})

t.test('who still waits when it ends goes on waiting, and nobody is served who has left', async t => {
  const { share, waiting, served, run } = open({ requestsPerSecond: 4 }, { requests: 1 })
  await run(1100)
  const before = served.length
  waiting.shift()
  await run(1000)
  t.equal(served.length, before + 1, 'the one whose turn it was has left, and the next one has it')
  share?.close()
  await run(5000)
  t.equal(served.length, before + 1)
  t.equal(share?.granted().requests, before + 1)
})
