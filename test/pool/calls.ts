import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { ledgerKeeper } from '../../fixtures/ledger-keeper.js'
import { termsFor } from '../../fixtures/ledger-world.js'
import { openCalls } from '../../lib/pool/calls.js'

const open = (oneWayMs: number) => {
  const clock = manualClock()
  const keeper = ledgerKeeper(clock, { oneWayMs })
  const heard: string[] = []
  const calls = openCalls({
    keeper,
    clock,
    random: () => 0,
    onAnswer: () => heard.push('answer'),
    onLost: ({ message }) => heard.push(message),
    onFound: () => heard.push('found'),
  })
  const call = async () => {
    const called = calls.call({ kind: 'tick', terms: termsFor(10) })
    return (await Promise.all([called, clock.advance(2 * oneWayMs)]))[0]
  }
  return { keeper, heard, calls, call }
}

t.test('the shortest of the last answers is how far away a keeper is', async t => {
  const { calls, call } = open(5)
  t.equal(calls.roundTripMs(), 0)
  await call()
  t.equal(calls.roundTripMs(), 10)
})

t.test('a loss is told once, is tried again ever later, and over with the next answer', async t => {
  const { keeper, heard, calls, call } = open(0)
  keeper.isLost = true
  const waits: number[] = []
  for (let n = 0; n < 6; n++) await call().catch(error => waits.push(calls.failed(error)))
  t.strictSame(waits, [50, 100, 200, 400, 500, 500])
  t.ok(calls.isLost())
  keeper.isLost = false
  await call()
  t.notOk(calls.isLost())
  t.strictSame(heard, ['nobody answers', 'found', 'answer'])
})
