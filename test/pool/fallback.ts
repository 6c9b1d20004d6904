import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { type CostVector, nothing } from '../../lib/ledger/terms.js'
import { openFallback } from '../../lib/pool/fallback.js'
import type { Share } from '../../lib/pool/share.js'

/** A fallback whose shares grant 3 requests each, and what it did. */
const open = (heard: readonly boolean[] = []) => {
  const steps: string[] = []
  const counted: CostVector[] = []
  const share: Share = {
    wake: () => void steps.push('wake'),
    setRate: rate => void steps.push(`rate ${rate}`),
    granted: () => ({ ...nothing, requests: 3 }),
    close: () => void steps.push('close'),
  }
  const fallback = openFallback({
    begin: () => share,
    async count(granted) {
      counted.push(granted)
      return heard[counted.length - 1] ?? true
    },
  })
  return { fallback, steps, counted }
}

t.test('while the ledger is lost the share goes on, and hears of what goes on', async t => {
  const { fallback, steps } = open()
  fallback.wake()
  fallback.setRate(1)
  t.strictSame(steps, [], 'there is none yet')
  fallback.begin()
  fallback.wake()
  fallback.setRate(5)
  fallback.end()
  fallback.wake()
  t.strictSame(steps, ['wake', 'wake', 'rate 5', 'close'])
})

t.test('what was granted without the ledger is counted once it hears of it', async t => {
  const { fallback, counted } = open([false])
  for (const requests of [3, 6]) {
    fallback.begin()
    fallback.end()
    await setImmediate()
    t.equal(counted.at(-1)?.requests, requests)
  }
  fallback.end()
  await setImmediate()
  t.equal(counted.length, 2, 'nothing is counted twice')
})

t.test('a ledger that is lost again at once is not told', async t => {
  const { fallback, counted } = open()
  fallback.begin()
  fallback.end()
  fallback.begin()
  await setImmediate()
  t.strictSame(counted, [])
})
