import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { type LedgerGrant, nothing } from '../../lib/ledger/terms.js'
import { openCredits } from '../../lib/pool/credits.js'

const request = { ...nothing, requests: 1 }

const open = () => {
  const clock = manualClock()
  const due: number[] = []
  // The ledger was made 100 ms after this process's clock.
  const credits = openCredits({ clock, local: us => us / 1000 + 100, onDue: () => due.push(clock.now()) })
  const grant = (slot: number, more: Partial<LedgerGrant> = {}): LedgerGrant => ({
    actor: 'a',
    serial: slot,
    slot,
    count: 1,
    spacing: 10_000,
    cost: request,
    epoch: 1,
    ...more,
  })
  return { clock, credits, due, grant }
}

t.test('what is granted can be used at its slot, not before', async t => {
  const { clock, credits, due, grant } = open()
  credits.add([grant(50_000, { count: 2 })])
  t.equal(credits.knownUntil(), 60_000)
  await clock.advance(149)
  t.notOk(credits.take(request))
  await clock.advance(1)
  t.ok(credits.take(request))
  t.notOk(credits.take(request), 'once')
  await clock.advance(10)
  t.ok(credits.take(request))
  t.strictSame(due, [150, 160])
  t.equal(credits.knownUntil(), 0)
})

t.test('a grant that is heard of twice counts once', async t => {
  const { clock, credits, grant } = open()
  credits.add([grant(0), grant(0)])
  credits.add([grant(0)])
  await clock.advance(100)
  t.ok(credits.take(request))
  t.notOk(credits.take(request))
})

t.test('what is not used in time is forfeited, and told of', async t => {
  const { clock, credits, grant } = open()
  credits.add([grant(0)])
  await clock.advance(105)
  t.notOk(credits.take(request))
  t.strictSame(credits.unused(), request)
  t.strictSame(credits.unused(), nothing, 'once')
})

t.test('bytes add up until there are enough, and a debt is made up for first', async t => {
  const { clock, credits, grant } = open()
  const bytes = { ...nothing, bytes: 100 }
  credits.add([grant(0, { cost: bytes, count: 4 })])
  await clock.advance(100)
  t.notOk(credits.take({ ...nothing, bytes: 150 }))
  await clock.advance(10)
  t.ok(credits.take({ ...nothing, bytes: 150 }))
  credits.put({ ...nothing, bytes: -60 })
  await clock.advance(10)
  t.notOk(credits.take({ ...nothing, bytes: 100 }))
  await clock.advance(10)
  t.ok(credits.take({ ...nothing, bytes: 100 }))
  t.strictSame(credits.unused(), { ...nothing, bytes: 90 })
})

t.test('a pause takes what comes before its end, and a loss takes everything', async t => {
  const { clock, credits, grant } = open()
  credits.add([grant(50_000), grant(150_000)])
  credits.skip(100_000)
  t.strictSame(credits.unused(), request)
  await clock.advance(150)
  t.notOk(credits.take(request))
  credits.drop({ keepsQuotas: false })
  await clock.advance(200)
  t.notOk(credits.take(request))
  t.strictSame(credits.unused(), nothing, 'nobody is there to take it back')
})

t.test(
  'what a keeper remembers to be used of quotas is given back after a loss, but no bytes of its clocks',
  async t => {
    const { clock, credits, grant } = open()
    credits.add([grant(50_000), grant(150_000)])
    await clock.advance(55)
    credits.drop({ keepsQuotas: true })
    t.strictSame(credits.unused(), { ...request, requests: 2 * request.requests, bytes: 0 })
    t.equal(credits.coming(), 0)
  },
)

t.test('no timer is left of credits that are closed', async t => {
  const { clock, credits, due, grant } = open()
  credits.add([grant(50_000)])
  credits.close()
  await clock.advance(1000)
  t.strictSame(due, [])
})

t.test('several grants can be at one slot', async t => {
  const { clock, credits, grant } = open()
  credits.add([grant(50_000, { serial: 1 }), grant(50_000, { serial: 2 })])
  await clock.advance(150)
  t.ok(credits.take(request))
  t.ok(credits.take(request))
})

t.test('who goes gives up what is due, what is coming, and what it owes', async t => {
  const { clock, credits, grant } = open()
  credits.add([grant(0), grant(50_000, { count: 3 })])
  await clock.advance(100)
  credits.put({ ...nothing, bytes: -70 })
  t.strictSame(credits.rest(), { requests: 4, units: 0, bytes: -70 })
  t.strictSame(credits.rest(), nothing)
  await clock.advance(1000)
  t.notOk(credits.take(request))
})
