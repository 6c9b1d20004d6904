import t from 'tap'
import { manualClock } from '../../../fixtures/clock.js'
import { quotaOf, standing, termsOf } from '../../../fixtures/pool/terms.js'
import type { Push } from '../../../lib/pool/keeper.js'
import type { Kept } from '../../../lib/pool/socket/kept.js'
import { keepLedger } from '../../../lib/pool/socket/kept-ledger.js'

const terms = termsOf(100)
const request = (actor: string, more = {}) =>
  ({ kind: 'request', actor, user: 'alice', order: standing, terms, ...more }) as const

const opened = (kept?: Kept) => {
  const clock = manualClock()
  const told: [actor: string | undefined, push: Push][] = []
  const ledger = keepLedger({
    incarnation: 'one',
    kept,
    clock,
    tell: (push, actor) => void told.push([actor, push]),
  })
  return { clock, told, ledger }
}

t.test('its time begins with it, and nothing is granted before the fence is over', async t => {
  const { clock, ledger, told } = opened()
  await clock.advance(7)
  const first = ledger.call(request('one'))
  t.match(first, { now: 7000, grants: [] })
  t.match(told, [[undefined, { epoch: first.epoch, grants: [] }]], 'all are told of the epoch')
  await clock.advance(99)
  t.equal(told.length, 1)
  await clock.advance(60)
  t.ok(told.length > 1)
  for (const [, { grants }] of told) for (const { slot } of grants) t.ok(slot >= 157_000, String(slot))
})

t.test('one who waits for one grant alone is told of it when its time has come', async t => {
  const { clock, ledger, told } = opened()
  ledger.call(request('one', { order: { ...standing, standing: false } }))
  await clock.advance(1000)
  t.match(told.slice(1), [['one', { grants: [{ actor: 'one', count: 1 }] }]])
})

t.test('an operator does not know the limits, and changes none of them by asking', async t => {
  const { clock, ledger } = opened()
  const before = ledger.call(request('one'))
  const paused = ledger.call({ kind: 'pause', us: 2_000_000, cut: false })
  t.match(paused, { epoch: before.epoch, pausedUntil: 2_000_000 })
  t.strictSame(ledger.status().clocks, terms.pool)
  await clock.advance(1999)
  t.match(ledger.call(request('one')), { grants: [] })
  await clock.advance(40)
  t.equal(ledger.call(request('one')).epoch, before.epoch)
})

t.test('an operator that comes first does not shorten the fence', async t => {
  const { ledger, clock } = opened()
  ledger.call({ kind: 'hold', origin: 'https://example.com', us: 5_000_000 })
  t.equal(ledger.snapshot(), undefined)
  await clock.advance(10)
  t.match(ledger.call(request('one')), { grants: [], holds: [['https://example.com', 5_000_000]] })
  await clock.advance(100)
  t.match(ledger.call(request('one')), { grants: [] })
  t.match(ledger.snapshot(), { now: 110_000, grants: [] })
})

t.test('what outlives it is told whenever it has changed, and only then', async t => {
  const { clock, ledger } = opened()
  t.ok(ledger.takeChange())
  t.equal(ledger.takeChange(), undefined)
  const limited = { terms: { ...terms, quotas: [quotaOf(3)] } }
  ledger.call(request('one', limited))
  t.match(ledger.takeChange(), { used: [] }, 'the epoch')
  await clock.advance(120)
  const { grants } = ledger.call(request('one', limited))
  t.equal(ledger.takeChange()?.used[0]?.amount, grants.length)
  t.equal(ledger.takeChange(), undefined)
  ledger.call({ kind: 'hold', origin: 'https://example.com', us: 1000 })
  t.equal(ledger.takeChange()?.holds.length, 1)
  ledger.call({ kind: 'set', pool: terms.pool })
  t.match(ledger.takeChange(), { set: { pool: terms.pool, at: Number } })
})

t.test('a ledger goes on with what was kept, in a later epoch', async t => {
  const epoch = Date.now() + 1e9
  const used = [{ of: 'requests', period: '2026-11-30', amount: 2 }] as const
  const { clock, ledger } = opened({ epoch, used, pausedUntil: 0, holds: [] })
  const limited = { terms: { ...terms, quotas: [quotaOf(3)] } }
  t.match(ledger.call(request('one', limited)), { epoch: epoch + 1 }, 'even if the clock was set back')
  await clock.advance(1000)
  t.equal(ledger.call(request('one', limited)).grants.length, 1)
  t.match(ledger.call(request('one', limited)).spent, { of: 'requests', limit: 3 })
})

t.test('limits that differ do nothing, and are not taken for those of the pool', async t => {
  const { ledger, told } = opened()
  ledger.call(request('one', { agreement: '100 requests a second' }))
  const other = ledger.call(request('two', { agreement: '5 requests a second', terms: termsOf(5) }))
  t.equal(other.disagreement, '100 requests a second')
  t.strictSame(ledger.status().clocks, terms.pool)
  t.equal(told.length, 1)
})

t.test('once it is closed nothing is granted any more', async t => {
  const { clock, ledger, told } = opened()
  ledger.call(request('one'))
  ledger.close()
  await clock.advance(1000)
  t.equal(told.length, 1)
})

t.test('who is refused does not stop what the others wait for', async t => {
  const { clock, ledger, told } = opened()
  ledger.call(request('one', { agreement: '100 requests a second' }))
  ledger.call(request('two', { agreement: '5 requests a second', terms: termsOf(5) }))
  await clock.advance(2000)
  t.ok(told.some(([actor]) => actor === 'one'))
})

t.test('who joins without knowing what is left of quotas is not asked what the limits are', async t => {
  const { clock, ledger } = opened()
  const quota = quotaOf(3)
  const limited = { ...terms, quotas: [quota] }
  ledger.call(request('one', { terms: limited, order: { ...standing, count: 10 } }))
  ledger.call({ kind: 'tick', terms })
  await clock.advance(5000)
  t.strictSame(
    ledger.status().used.map(({ amount }) => amount),
    [3],
  )
})

t.test('that a user is paused, or no longer, is kept as well', async t => {
  const { ledger } = opened()
  ledger.call(request('one'))
  ledger.takeChange()
  ledger.call({ kind: 'pause', user: 'alice', us: 60_000_000, cut: false })
  t.match(ledger.takeChange()?.paused, [['alice', Number]])
  t.equal(ledger.takeChange(), undefined)
  ledger.call({ kind: 'resume', user: 'alice' })
  t.strictSame(ledger.takeChange()?.paused, [])
})
