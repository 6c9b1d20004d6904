import t from 'tap'
import { startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'

t.test('slots are apart by what they cost, and near enough', async t => {
  if (!hasRedis(t)) return
  const { ask } = await startLedger(t)
  const terms = termsFor(300)
  const slots: number[] = []
  for (let now = 0; now < 1_000_000; now += 10_000)
    for (const actor of ['a', 'b', 'c'])
      for (const { slot, count, spacing } of (await ask(actor, 5e6 + now, { user: actor, terms, count: 3 }))
        .grants) {
        t.ok(spacing === 1e6 / 300 && slot <= now + 50_000, `${slot} at ${now}`)
        for (let n = 0; n < count; n++) slots.push(slot + n * spacing)
      }
  slots.sort((a, b) => a - b)
  t.ok(slots.length > 280)
  t.ok(slots.every((slot, n) => n === 0 || slot - (slots[n - 1] ?? 0) >= 1e6 / 300 - 1))
})

t.test('who asks is told when to ask again', async t => {
  if (!hasRedis(t)) return
  const { ask } = await startLedger(t)
  const terms = termsFor(10)
  t.equal((await ask('a', 1_000_000, { terms })).pollAt, 75_000)
  t.equal((await ask('b', 1_000_000, { terms })).pollAt, 175_000)
  t.equal((await ask('c', 1_000_000, { terms, standing: false })).pollAt, undefined)
})
