import t from 'tap'
import { gate } from '../fixtures/gate.js'
import { gauged, newGauge } from '../lib/gauge.js'

t.test('who waits is counted until the waiting is over, however it ends', async t => {
  const gauge = newGauge()
  const [kept, broken] = [gate<string>(), gate()]
  const waits = [gauged(gauge, 'held', kept.promise), gauged(gauge, 'held', broken.promise)]
  t.strictSame(gauge, { ...newGauge(), held: 2 })
  kept.open('free')
  t.equal(await waits[0], 'free')
  t.equal(gauge.held, 1)
  broken.shut(new Error('in vain'))
  await t.rejects(waits[1] as Promise<unknown>, { message: 'in vain' })
  t.strictSame(gauge, newGauge())
})
