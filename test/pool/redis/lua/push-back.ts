import t from 'tap'
import { startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { hasRedis } from '../../../../fixtures/redis.js'

t.test('a pause and a hold are over some day, whatever is said', async t => {
  if (!hasRedis(t)) return
  const { enter } = await startLedger(t)
  const month = 31 * 86400e6
  t.equal((await enter({ kind: 'pause', us: 1e17, cut: false }, 1_000_000)).pausedUntil, month)
  const { holds } = await enter({ kind: 'hold', origin: 'o', us: 1e17 }, 1_000_000)
  t.strictSame(holds, [['o', month]])
})
