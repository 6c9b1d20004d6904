import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { newGauge } from '../../lib/gauge.js'
import { gaugedPool } from '../../lib/rate/gauged-pool.js'
import { localPool } from '../../lib/rate/pool.js'

const start = () => {
  const clock = manualClock()
  const gauge = newGauge()
  const limits = { bytesPerSecond: 1000, requestsPerSecond: Number.POSITIVE_INFINITY, burstBytes: () => 0 }
  const pool = gaugedPool(localPool({ ...limits, clock, random: () => 0 }), gauge)
  return { clock, gauge, pool }
}

const origin = 'http://a.test'
const { signal } = new AbortController()

t.test('those that wait for a grant are counted until they have it, or give up', async t => {
  const { clock, gauge, pool } = start()
  const interruption = new AbortController()
  const first = pool.grant({ requests: 1, bytes: 1000 }, { origin, signal })
  const second = pool.grant({ requests: 1, bytes: 1000 }, { origin, signal: interruption.signal })
  t.strictSame(gauge, { ...newGauge(), awaitingBytes: 2 })
  await clock.advance(1000)
  t.match(await first, { settle: Function })
  t.equal(gauge.awaitingBytes, 1)
  interruption.abort(new Error('enough'))
  await t.rejects(second, { message: 'enough' })
  t.strictSame(gauge, newGauge())
})

t.test('those that wait for a held origin are counted until it may be asked again', async t => {
  const { clock, gauge, pool } = start()
  pool.hold(origin, 5000)
  const waits = [pool.released(origin, signal), pool.released(origin, signal)]
  t.strictSame(gauge, { ...newGauge(), held: 2 })
  t.equal(pool.heldFor(origin), 5000, 'all else is as it was')
  await clock.advance(5000)
  await Promise.all(waits)
  t.strictSame(gauge, newGauge())
})

t.test('those that wait for a request rather than for bytes are counted by themselves', async t => {
  const gauge = newGauge()
  const pool = gaugedPool(
    localPool({ bytesPerSecond: 10_000, requestsPerSecond: 1, clock: manualClock() }),
    gauge,
  )
  const interruption = new AbortController()
  const waits = [1, 2].map(() =>
    pool.grant({ requests: 1, bytes: 1000 }, { origin, signal: interruption.signal }),
  )
  t.strictSame(gauge, { ...newGauge(), awaitingRequest: 2 })
  interruption.abort(new Error('enough'))
  await Promise.allSettled(waits)
  t.strictSame(gauge, newGauge())
})
