import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { ledgerKeeper } from '../../fixtures/ledger-keeper.js'
import { nothing, type Terms } from '../../lib/ledger/terms.js'
import { type AskerOptions, openAsker } from '../../lib/pool/asker.js'
import { ledgerTime } from '../../lib/pool/ledger-time.js'

const terms: Terms = {
  pool: [{ of: 'requests', interval: 10_000, savings: 0 }],
  user: [],
  quotas: [],
  lookAhead: 30_000,
  lead: 2_000,
  fence: 100_000,
}
const order = { cost: { ...nothing, requests: 1 }, count: 1, weight: 1, standing: true }

const open = (options: Partial<AskerOptions> = {}) => {
  const clock = manualClock()
  const keeper = ledgerKeeper(clock, { oneWayMs: 5 })
  const heard: string[] = []
  const time = ledgerTime()
  const asker = openAsker({
    keeper,
    actor: 'a',
    user: 'u',
    weight: 1,
    clock,
    time,
    agreement: () => 'tpslimit 100',
    terms: () => terms,
    order: () => order,
    unused: () => nothing,
    rest: () => nothing,
    onAnswer({ grants, now }) {
      time.note(now, clock.now())
      heard.push(...grants.map(({ slot }) => `slot ${slot}`))
    },
    onSnapshot() {},
    onSpent: ({ of }) => heard.push(`spent ${of}`),
    onLost: ({ message }) => heard.push(`lost: ${message}`),
    onFound: () => heard.push('found'),
    onRefused: ({ message }) => heard.push(message),
    random: () => 0,
    ...options,
  })
  const run = async (ms: number) => {
    for (let passed = 0; passed < ms; passed++) await clock.advance(1)
  }
  return { asker, keeper, heard, run }
}

t.test('one request is on its way at a time, and the next comes when its turn does', async t => {
  const { asker, keeper, heard, run } = open()
  for (let n = 0; n < 5; n++) asker.need()
  t.equal(keeper.calls.length, 1)
  await run(1000)
  const requests = keeper.calls.length
  t.ok(requests > 30 && requests <= 100, `${requests} for ${heard.length} grants`)
  t.ok(heard.length >= 95, `${heard.length} grants of 100`)
})

t.test('while nobody waits nothing is asked, and the order is taken back', async t => {
  let waiting = true
  const { asker, keeper, run } = open({ order: () => (waiting ? order : undefined) })
  asker.need()
  await run(100)
  waiting = false
  await run(100)
  const { length } = keeper.calls
  await run(1000)
  t.equal(keeper.calls.length, length)
  t.strictSame(
    (await Promise.all([keeper.status(), run(1)]))[0].users.map(({ waiting }) => waiting),
    [0],
  )
})

t.test('a loss is told once, and asked about again and again at growing distances', async t => {
  const { asker, keeper, heard, run } = open()
  keeper.isLost = true
  asker.need()
  await run(5000)
  t.strictSame(heard, ['lost: nobody answers'])
  t.ok(keeper.calls.length >= 6 && keeper.calls.length <= 14, `${keeper.calls.length} in 5 s`)
  asker.need()
  keeper.isLost = false
  await run(1100)
  t.equal(heard[1], 'found')
})

t.test('what was not used is given back before leaving', async t => {
  const left = [{ requests: 2, units: 0, bytes: 500 }]
  const { asker, keeper, run } = open({ rest: () => left.pop() ?? nothing })
  await Promise.all([asker.leave(), run(100)])
  t.match(keeper.calls, [
    { kind: 'settle', more: { requests: 0, bytes: -500 } },
    { kind: 'refund', unused: { requests: 2, bytes: 0 } },
    { kind: 'leave', actor: 'a' },
  ])
})

t.test('a quota is not spent before what came too late to be used is given back', async t => {
  const late = [{ requests: 1, units: 0, bytes: 0 }]
  const quotas = [{ of: 'requests' as const, limit: 1, period: '1', endsAt: 9e12 }]
  const { asker, keeper, heard, run } = open({
    terms: () => ({ ...terms, quotas }),
    unused: () => late.pop() ?? nothing,
  })
  asker.need()
  await run(900)
  t.match(
    keeper.calls.filter(({ kind }) => kind === 'refund'),
    [{ unused: { requests: 1 } }],
  )
  t.strictSame(
    heard.filter(text => text.startsWith('slot')).length,
    2,
    'the one that was lost, and the one in its place',
  )
  t.equal(heard.at(-1), 'spent requests')
})

t.test('who is refused never asks again', async t => {
  const { asker, keeper, heard, run } = open()
  const others = { kind: 'tick', terms, agreement: 'tpslimit 7' } as const
  await Promise.all([keeper.call(others), run(20)])
  asker.need()
  await run(100)
  asker.need()
  await run(1000)
  t.strictSame(heard, ['the pool is in use with other limits: expected tpslimit 7, got tpslimit 100'])
  t.equal(keeper.calls.length, 2)
})

t.test('who comes while the last order is taken back is asked for when that is done', async t => {
  let waiting = true
  const { asker, keeper, run } = open({ order: () => (waiting ? order : undefined) })
  asker.need()
  await run(100)
  waiting = false
  const isTakenBack = () => {
    const last = keeper.calls.at(-1)
    return last?.kind === 'request' && last.order === undefined
  }
  while (!isTakenBack()) await run(1)
  waiting = true
  asker.need()
  t.ok(isTakenBack(), 'one call at a time')
  await run(15)
  t.notOk(isTakenBack())
})

t.test('who is there and waits for nothing says so before others take it for gone', async t => {
  const { asker, keeper, run } = open({ order: () => undefined })
  await Promise.all([asker.join(), run(100)])
  const { length } = keeper.calls
  await run(10_000)
  const beats = keeper.calls.slice(length)
  t.ok(beats.length >= 2 && beats.length <= 3, `${beats.length} in 10 s`)
  t.match(beats[0], { kind: 'request', agreement: 'tpslimit 100' })
  await Promise.all([asker.leave(), run(100)])
  const after = keeper.calls.length
  await run(10_000)
  t.equal(keeper.calls.length, after, 'and nothing once it has left')
})

t.test('who joins grants nothing to others, whose quotas it does not know', async t => {
  const { asker, keeper, run } = open()
  await Promise.all([asker.join(), run(100)])
  for (const call of keeper.calls) t.match(call, { kind: 'tick', terms: { lookAhead: 0 } })
})

t.test('what the ledger before said of a quota is asked again', async t => {
  const quotas = [{ of: 'requests' as const, limit: 0, period: '1', endsAt: 9e12 }]
  const { asker, keeper, heard, run } = open({ terms: () => ({ ...terms, quotas }) })
  await Promise.all([asker.join(), run(100)])
  keeper.flush()
  const { length } = keeper.calls
  asker.need()
  await run(11)
  t.strictSame(heard, [], 'the end of its period is on the clock of another ledger')
  await run(400)
  t.ok(keeper.calls.length >= length + 2)
  t.strictSame(heard, ['spent requests'])
})

t.test(
  'what others were lent of a quota may come back: only the second answer says that it is spent',
  async t => {
    const quotas = [{ of: 'requests' as const, limit: 0, period: '1', endsAt: 9e12 }]
    const { asker, heard, run } = open({ terms: () => ({ ...terms, quotas }) })
    asker.need()
    await run(200)
    t.strictSame(heard, [])
    await run(200)
    t.strictSame(heard, ['spent requests'])
  },
)

t.test('what lies ready for one who leaves is given back to its quota as well', async t => {
  const quotas = [{ of: 'requests' as const, limit: 100, period: '1', endsAt: 9e12 }]
  const { asker, keeper, run } = open({ terms: () => ({ ...terms, quotas }) })
  await Promise.all([asker.leave(), run(100)])
  t.match(keeper.calls, [
    { kind: 'request', actor: 'a', order: undefined },
    { kind: 'leave', actor: 'a' },
  ])
})

t.test('who has gone arms no timer', async t => {
  const { asker, keeper, run } = open()
  asker.need()
  asker.close()
  await run(50)
  const { length } = keeper.calls
  await run(60_000)
  t.equal(keeper.calls.length, length)
})
