import t from 'tap'
import { startLedger } from '../../../../fixtures/ledger-in-redis.js'
import { termsFor } from '../../../../fixtures/ledger-world.js'
import { hasRedis } from '../../../../fixtures/redis.js'

const terms = termsFor(200)
const order = { cost: { requests: 1, units: 0, bytes: 0 }, count: 1, weight: 1, standing: true }
const request = { kind: 'request', actor: 'a', user: 'u', order, terms }

t.test('what is no operation is refused before anything is touched', async t => {
  if (!hasRedis(t)) return
  const { client, raw, ask } = await startLedger(t)
  await ask('a', 1_000_000)
  const before = await client.dump('sluice:{test}:state')
  const cases: unknown[] = [
    5,
    {},
    { kind: 'nothing', terms },
    { kind: 'tick' },
    { kind: 'tick', terms: { ...terms, pool: [{ of: 'feathers', interval: 1, savings: 0 }] } },
    { kind: 'tick', terms: { ...terms, user: [5] } },
    { kind: 'tick', terms: { ...terms, quotas: [{ of: 'bytes', limit: 'x', period: '' }] } },
    { kind: 'tick', terms: { ...terms, lookAhead: 1e300 } },
    { kind: 'tick', terms, agreement: 5 },
    { ...request, actor: 'a\u0001b' },
    { ...request, user: 'x'.repeat(2000) },
    { ...request, user: null },
    { ...request, order: { ...order, count: 0 } },
    { ...request, order: { ...order, weight: -1 } },
    { ...request, order: { ...order, cost: { requests: -1, units: 0, bytes: 0 } } },
    { ...request, order: { ...order, standing: 1 } },
    { kind: 'leave', terms },
    { kind: 'settle', user: 'u', weight: 1, more: {}, terms },
    { kind: 'refund', unused: 5, terms },
    { kind: 'pause', us: 'long', cut: true, terms },
    { kind: 'pause', us: 5, terms },
    { kind: 'resume', user: 5, terms },
    { kind: 'hold', us: 5, terms },
    { kind: 'set', pool: [5], terms },
  ]
  for (const given of cases)
    await t.rejects(
      raw(JSON.stringify(given), 1_100_000),
      /no operation on a ledger/,
      JSON.stringify(given).slice(0, 80),
    )
  await t.rejects(raw('{"kind":', 1_100_000), /no operation on a ledger/)
  t.strictSame(await client.dump('sluice:{test}:state'), before)
})
