import { setMaxListeners } from 'node:events'
import t from 'tap'
import { type ManualClock, manualClock } from '../../fixtures/clock.js'
import { type LedgerKeeper, ledgerKeeper } from '../../fixtures/ledger-keeper.js'
import { mostWithin } from '../../fixtures/most-within.js'
import { type JoinedPoolOptions, joinedPool } from '../../lib/pool/joined-pool.js'
import { clocksOf, noRates, type Quota } from '../../lib/pool/limits.js'

const never = new AbortController().signal
setMaxListeners(0, never)

type World = { clock: ManualClock; keeper: LedgerKeeper }

const newWorld = (oneWayMs = 0): World => {
  const clock = manualClock()
  return { clock, keeper: ledgerKeeper(clock, { oneWayMs }) }
}

let actors = 0

/** One process of a pool, and what it heard. */
const member = ({ clock, keeper }: World, limits: object, options: Partial<JoinedPoolOptions> = {}) => {
  const heard: string[] = []
  const pool = joinedPool({
    keeper,
    clock,
    limits: { pool: { ...noRates, ...limits }, user: noRates, quotas: [], zone: 'UTC' },
    actor: `actor${actors++}`,
    user: 'user',
    weight: 1,
    whenLost: 'hold',
    random: () => 0,
    onLost: ({ message }) => heard.push(`lost: ${message}`),
    onFound: () => heard.push('found'),
    onSpent: (quota, resumeAt) => heard.push(`spent ${quota.of} until ${resumeAt.toISOString()}`),
    onRefused: ({ message }) => heard.push(`refused: ${message}`),
    ...options,
  })
  return { pool, heard }
}

type Member = ReturnType<typeof member>

/** Asks for more as soon as something is granted, `width` at a time; when each was granted. */
const busy = ({ clock }: World, { pool }: Member, cost: { requests: number; bytes: number }, width = 10) => {
  const granted: number[] = []
  const signal = new AbortController()
  setMaxListeners(0, signal.signal)
  const work = async () => {
    for (;;) {
      const grant = await pool
        .grant(cost, { origin: 'http://a', signal: signal.signal })
        .catch(() => undefined)
      if (!grant) return
      granted.push(clock.now())
      grant.settle({ bytes: cost.bytes })
    }
  }
  for (let n = 0; n < width; n++) void work()
  return { granted, stop: () => signal.abort() }
}

const run = async ({ clock }: World, ms: number) => {
  for (let passed = 0; passed < ms; passed += 1) await clock.advance(1)
}

t.test('several processes never exceed a limit of requests together, and use it', async t => {
  const world = newWorld(1)
  const members = Array.from({ length: 4 }, () => member(world, { requestsPerSecond: 100 }))
  for (const { pool } of members) await Promise.all([pool.join(), run(world, 3)])
  const all = members.map(each => busy(world, each, { requests: 1, bytes: 0 }))
  await run(world, 5000)
  const events = all.flatMap(({ granted }) => granted)
  t.ok(mostWithin(events, 1000) <= 100, `${mostWithin(events, 1000)} in a second`)
  t.ok(events.length >= 480, `${events.length} in 5 s`)
  for (const { granted } of all) t.ok(Math.abs(granted.length - events.length / 4) <= 5, `${granted.length}`)
  for (const { stop } of all) stop()
})

t.test('bytes that nothing limits need nobody’s leave, also of who would not wait for it', async t => {
  const world = newWorld(1)
  const [limited] = await joined(world, 1, { requestsPerSecond: 100 })
  if (!limited) return
  const late = { origin: 'http://a', signal: AbortSignal.abort(new Error('enough')) }
  t.ok(await limited.pool.grant({ requests: 0, bytes: 1e6 }, late))
  await t.rejects(limited.pool.grant({ requests: 1, bytes: 0 }, late), { message: 'enough' })
})

t.test('several processes share a cap of bytes', async t => {
  const world = newWorld(1)
  const members = Array.from({ length: 4 }, () => member(world, { bytesPerSecond: 1_000_000 }))
  for (const { pool } of members) await Promise.all([pool.join(), run(world, 3)])
  const all = members.map(each => busy(world, each, { requests: 1, bytes: 10_000 }))
  await run(world, 5000)
  const events = all.flatMap(({ granted }) => granted)
  t.ok(mostWithin(events, 1000) <= 105, `${mostWithin(events, 1000)} pieces in a second`)
  t.ok(events.length >= 485, `${events.length} pieces in 5 s`)
  for (const { stop } of all) stop()
})

const joined = async (
  world: World,
  count: number,
  limits: object,
  options: Partial<JoinedPoolOptions> = {},
  quotas: readonly Quota[] = [],
) => {
  const members = Array.from({ length: count }, () =>
    member(world, limits, {
      limits: { pool: { ...noRates, ...limits }, user: noRates, quotas, zone: 'UTC' },
      ...options,
    }),
  )
  for (const { pool } of members) {
    let isJoined = false
    const joining = pool.join().then(() => {
      isJoined = true
    })
    while (!isJoined) await run(world, 1)
    await joining
  }
  return members
}

t.test('users get equal shares, however many processes each has', async t => {
  const world = newWorld(1)
  const many = await joined(world, 7, { requestsPerSecond: 200 }, { user: 'many' })
  const [one] = await joined(world, 1, { requestsPerSecond: 200 }, { user: 'one' })
  const all = [...many, one].map(each => busy(world, each as Member, { requests: 1, bytes: 0 }))
  await run(world, 5000)
  const alone = all.at(-1)?.granted.length ?? 0
  const others = all.slice(0, -1).reduce((sum, { granted }) => sum + granted.length, 0)
  t.ok(Math.abs(alone - others) <= others * 0.02, `${others} of many, ${alone} of one`)
  for (const { stop } of all) stop()
})

t.test('a user has no more than its own limit, and the others have the rest', async t => {
  const world = newWorld(1)
  const limits = (requestsPerSecond: number) => ({
    limits: {
      pool: { ...noRates, requestsPerSecond: 200 },
      user: { ...noRates, requestsPerSecond },
      quotas: [],
      zone: 'UTC',
    },
  })
  const [slow] = await joined(world, 1, {}, { user: 'slow', ...limits(20) })
  const [fast] = await joined(world, 1, {}, { user: 'fast', ...limits(Number.POSITIVE_INFINITY) })
  const all = [slow, fast].map(each => busy(world, each as Member, { requests: 1, bytes: 0 }))
  await run(world, 5000)
  const [ofSlow = 0, ofFast = 0] = all.map(({ granted }) => granted.length)
  t.ok(ofSlow >= 98 && ofSlow <= 101, `${ofSlow} of the slow one`)
  t.ok(ofSlow + ofFast >= 980, `${ofSlow + ofFast} of 1000 in all`)
  for (const { stop } of all) stop()
})

t.test('a ledger that forgets everything leads to no more than the limit, and to little less', async t => {
  const world = newWorld(1)
  const all = (await joined(world, 4, { requestsPerSecond: 100 })).map(each =>
    busy(world, each, { requests: 1, bytes: 0 }),
  )
  await run(world, 2000)
  world.keeper.flush()
  await run(world, 3000)
  const events = all.flatMap(({ granted }) => granted)
  t.ok(mostWithin(events, 1000) <= 100, `${mostWithin(events, 1000)} in a second`)
  t.ok(events.length >= 440, `${events.length} in 5 s`)
  for (const { stop } of all) stop()
})

t.test('without pushes everything is as it was', async t => {
  const world = newWorld(1)
  world.keeper.isDeaf = true
  const all = (await joined(world, 4, { requestsPerSecond: 100 })).map(each =>
    busy(world, each, { requests: 1, bytes: 0 }),
  )
  await run(world, 5000)
  const events = all.flatMap(({ granted }) => granted)
  t.ok(mostWithin(events, 1000) <= 100)
  t.ok(events.length >= 480, `${events.length} in 5 s`)
  for (const { stop } of all) stop()
})

t.test('a far ledger costs no rate', async t => {
  const world = newWorld(20)
  const all = (await joined(world, 4, { requestsPerSecond: 1000 })).map(each =>
    busy(world, each, { requests: 1, bytes: 0 }, 50),
  )
  await run(world, 3000)
  const events = all.flatMap(({ granted }) => granted)
  t.ok(mostWithin(events, 1000) <= 1000, `${mostWithin(events, 1000)} in a second`)
  t.ok(events.length >= 2800, `${events.length} in 3 s`)
  for (const { stop } of all) stop()
})

t.test('while the ledger is lost nothing is granted, and it is told once', async t => {
  const world = newWorld(1)
  const [first] = await joined(world, 1, { requestsPerSecond: 100 })
  const { granted, stop } = busy(world, first as Member, { requests: 1, bytes: 0 })
  await run(world, 1000)
  world.keeper.isLost = true
  await run(world, 100)
  const before = granted.length
  await run(world, 3000)
  t.ok(granted.length <= before + 1, `${granted.length - before} while it was lost`)
  t.strictSame(first?.heard, ['lost: nobody answers'])
  world.keeper.isLost = false
  await run(world, 2000)
  t.strictSame(first?.heard, ['lost: nobody answers', 'found'])
  t.ok(granted.length >= before + 80, `${granted.length - before} once it was back`)
  stop()
})

t.test('where that is wished a process goes on with its share of a lost pool', async t => {
  const world = newWorld(1)
  const members = await joined(world, 4, { requestsPerSecond: 100 }, { whenLost: 'share' })
  const all = members.map(each => busy(world, each, { requests: 1, bytes: 0 }))
  await run(world, 1000)
  world.keeper.isLost = true
  await run(world, 500)
  const before = all.flatMap(({ granted }) => granted).length
  await run(world, 2000)
  const during = all.flatMap(({ granted }) => granted).length - before
  t.ok(during >= 180 && during <= 202, `${during} in 2 s without a ledger`)
  world.keeper.isLost = false
  await run(world, 3000)
  const events = all.flatMap(({ granted }) => granted)
  // Those who find it first have all of it, until a moment later the last has left its share.
  t.ok(mostWithin(events, 1000) <= 175, `${mostWithin(events, 1000)} in a second`)
  for (const { stop } of all) stop()
})

t.test('a pause holds for all at once, and so does a held origin', async t => {
  const world = newWorld(1)
  const members = await joined(world, 3, { requestsPerSecond: 200 })
  const all = members.map(each => busy(world, each, { requests: 1, bytes: 0 }))
  await run(world, 1000)
  const pausedAt = world.clock.now()
  await Promise.all([world.keeper.call({ kind: 'pause', us: 1_000_000, cut: false }), run(world, 3)])
  await run(world, 2000)
  const events = all.flatMap(({ granted }) => granted)
  const leaked = events.filter(at => at > pausedAt + 2 && at < pausedAt + 1000).length
  t.ok(leaked <= 5, `${leaked} in the pause`)
  t.ok(
    events.some(at => at >= pausedAt + 1000 && at <= pausedAt + 1030),
    'it ends when it should',
  )
  await Promise.all([world.keeper.call({ kind: 'pause', us: 60_000_000, cut: false }), run(world, 100)])
  const resumedAt = world.clock.now()
  await Promise.all([world.keeper.call({ kind: 'resume' }), run(world, 100)])
  t.ok(
    all.some(({ granted }) => granted.some(at => at > resumedAt)),
    'an operator ends one at once',
  )
  members[0]?.pool.hold('http://a', 5000)
  await run(world, 5)
  t.ok(members.every(({ pool }) => pool.heldFor('http://a') > 4900))
  for (const { stop } of all) stop()
})

t.test('what an operator sets caps a process that was started without a cap as well', async t => {
  const world = newWorld(1)
  const [one] = (await joined(world, 1, { requestsPerSecond: 1000 })) as [Member]
  t.ok(one.pool.mayCap('http://a'))
  t.equal(one.pool.rate(), Number.POSITIVE_INFINITY)
  const set = clocksOf({ ...noRates, bytesPerSecond: 100_000 })
  await Promise.all([world.keeper.call({ kind: 'set', pool: set }), run(world, 10)])
  t.ok(Math.abs(one.pool.rate() - 100_000) < 1)
  t.equal(one.pool.requestRate(), Number.POSITIVE_INFINITY)
  const { granted, stop } = busy(world, one, { requests: 1, bytes: 10_000 })
  await run(world, 3000)
  t.ok(granted.length >= 27 && granted.length <= 32, `${granted.length} pieces in 3 s`)
  await Promise.all([world.keeper.call({ kind: 'set' }), run(world, 10)])
  t.ok(Math.abs(one.pool.requestRate() - 1000) < 1e-6, 'and without any its own hold again')
  stop()
})

t.test('a request that was granted and not made counts against no quota', async t => {
  const world = newWorld(1)
  const quotas = [{ of: 'requests', limit: 2, per: 'day' }] as const
  const limits = { pool: { ...noRates, requestsPerSecond: 100 }, user: noRates, quotas, zone: 'UTC' }
  const [one] = (await joined(world, 1, {}, { limits })) as [Member]
  const ask = () => one.pool.grant({ requests: 1, bytes: 0 }, { origin: 'http://a', signal: never })
  let granted = 0
  for (let n = 0; n < 3; n++)
    void ask().then(grant => {
      granted++
      if (n === 0) grant?.settle({ requests: 0, bytes: 0 })
    })
  await run(world, 1000)
  t.equal(granted, 3)
})

t.test('a quota is exact over all processes, and it is told when it begins anew', async t => {
  const world = newWorld(1)
  const limits = {
    pool: { ...noRates, requestsPerSecond: 200 },
    user: noRates,
    quotas: [{ of: 'requests', limit: 150, per: 'day' } as const],
    zone: 'UTC',
  }
  const members = await joined(world, 3, {}, { limits })
  const all = members.map(each => busy(world, each, { requests: 1, bytes: 0 }))
  await run(world, 3000)
  const events = all.flatMap(({ granted }) => granted)
  t.ok(events.length <= 150 && events.length >= 140, `${events.length} of 150`)
  t.ok(
    members.some(({ heard }) => heard.some(line => line === 'spent requests until 1970-01-02T00:00:00.000Z')),
  )
  for (const { stop } of all) stop()
})

t.test('what was left of a day is not given back to the next one', async t => {
  const world = newWorld(1)
  await world.clock.advance(86_398_000)
  const quotas = [{ of: 'requests', limit: 10, per: 'day' }] as const
  const [one, other] = (await joined(world, 2, {}, {}, quotas)) as [Member, Member]
  const ask = ({ pool }: Member) =>
    pool.grant({ requests: 1, bytes: 0 }, { origin: 'http://a', signal: never })
  const before = [1, 2, 3, 4, 5].map(() => ask(one))
  await run(world, 3000)
  let granted = 0
  const takeAll = (count: number): void => {
    for (let n = 0; n < count; n++) void ask(other).then(() => granted++)
  }
  takeAll(8)
  await run(world, 100)
  t.equal(granted, 8, 'of the new day')
  for (const grant of await Promise.all(before)) grant?.settle({ requests: 0, bytes: 0 })
  await run(world, 5000)
  takeAll(12)
  await run(world, 1000)
  t.equal(granted, 10)
})

t.test('who holds other limits is refused before anything is granted', async t => {
  const world = newWorld(1)
  await joined(world, 1, { requestsPerSecond: 100 })
  const { pool } = member(world, { requestsPerSecond: 50 })
  const refused = t.rejects(pool.join(), {
    code: 'ERR_POOL',
    message: 'the pool is in use with other limits: expected tpslimit 100, got tpslimit 50',
  })
  await run(world, 5)
  await refused
})

t.test('who leaves gives back what was not used, and takes nothing along', async t => {
  const world = newWorld(1)
  const [first] = await joined(world, 1, { bytesPerSecond: 1_000_000 })
  const { stop } = busy(world, first as Member, { requests: 1, bytes: 10_000 })
  await run(world, 1000)
  stop()
  await Promise.all([first?.pool.leave(), run(world, 20)])
  const kinds = world.keeper.calls.slice(-3).map(({ kind }) => kind)
  t.equal(kinds.at(-1), 'leave')
  t.strictSame(
    (await world.keeper.status()).users.filter(({ actors }) => actors > 0),
    [],
  )
})

t.test(
  'a pool that is bound to its origin pauses whole when that pushes back, or for the user whose request it was',
  async t => {
    for (const [pushBack, others] of [
      ['pool', 0],
      ['user', 4],
    ] as const) {
      const world = newWorld()
      const alice = member(world, { requestsPerSecond: 10 }, { pushBack, user: 'alice' })
      const bob = member(world, { requestsPerSecond: 10 }, { pushBack, user: 'bob' })
      const [ofAlice, ofBob] = [alice, bob].map(each => busy(world, each, { requests: 1, bytes: 0 }))
      await world.clock.advance(1000)
      alice.pool.hold('http://a', 2000)
      await world.clock.advance(100)
      const before = [ofAlice, ofBob].map(each => each?.granted.length ?? 0)
      await world.clock.advance(1800)
      const [more = 0, theirs = 0] = [ofAlice, ofBob].map(
        (each, index) => (each?.granted.length ?? 0) - (before[index] ?? 0),
      )
      t.equal(more, 0, `${pushBack}: alice waits`)
      t.ok(others === 0 ? theirs === 0 : theirs >= others, `${pushBack}: bob has ${theirs}`)
      await world.clock.advance(2000)
      const again = busy(world, alice, { requests: 1, bytes: 0 })
      await world.clock.advance(1000)
      t.ok(again.granted.length > 0, `${pushBack}: alice goes on`)
      for (const each of [ofAlice, ofBob, again]) each?.stop()
      for (const { pool } of [alice, bob]) await Promise.all([pool.leave(), run(world, 5)])
    }
  },
)

t.test('an origin that pushes back without a time is asked less by all', async t => {
  const world = newWorld()
  const one = member(world, { requestsPerSecond: 100 }, { pushBack: 'pool', random: () => 0.5 })
  const { granted, stop } = busy(world, one, { requests: 1, bytes: 0 })
  await world.clock.advance(1000)
  one.pool.pushBack?.('http://a')
  one.pool.pushBack?.('http://a')
  await world.clock.advance(2000)
  const during = granted.filter(at => at > 1050 && at < 1500)
  t.strictSame(during, [], 'half a second of nothing')
  const after = granted.filter(at => at >= 1550 && at < 2050).length
  t.ok(
    after >= 30 && after <= 38,
    `${after} in half a second, of 50: seven tenths, and a little that has come back`,
  )
  stop()
  await Promise.all([one.pool.leave(), run(world, 5)])
})

t.test('a pool of many origins goes on when one pushes back', async t => {
  const world = newWorld()
  const one = member(world, { requestsPerSecond: 100 })
  one.pool.pushBack?.('http://a')
  const { granted, stop } = busy(world, one, { requests: 1, bytes: 0 })
  await world.clock.advance(1000)
  t.ok(granted.length >= 95)
  stop()
  await Promise.all([one.pool.leave(), run(world, 5)])
})

t.test('units are granted as requests are, and given back with the request that was not made', async t => {
  const world = newWorld()
  const one = member(world, { unitsPerSecond: 100 })
  const at: number[] = []
  for (let n = 0; n < 3; n++)
    void one.pool
      .grant({ requests: 1, bytes: 0, units: 50 }, { origin: 'http://a', signal: never })
      .then(() => at.push(world.clock.now()))
  await world.clock.advance(2000)
  t.equal(at.length, 3)
  for (const [index, time] of at.slice(1).entries())
    t.ok(time - (at[index] ?? 0) >= 500, 'half a second each')
  await Promise.all([one.pool.leave(), run(world, 5)])
})

t.test('a push that speaks of another ledger is not believed, but asked about', async t => {
  const world = newWorld(1)
  const [one] = await joined(world, 1, { requestsPerSecond: 100 })
  const { granted, stop } = busy(world, one as Member, { requests: 1, bytes: 0 })
  await run(world, 500)
  world.keeper.push({
    epoch: 1e15,
    now: 5,
    pausedUntil: 1e12,
    factor: 1,
    holds: [],
    set: undefined,
    grants: [],
  })
  const before = granted.length
  await run(world, 500)
  t.ok(granted.length > before + 40, `${granted.length - before} in half a second`)
  stop()
})

t.test('who waits for a held origin is sent away, also where requests are not limited', async t => {
  const world = newWorld(1)
  const [one] = await joined(world, 1, { bytesPerSecond: 1000 })
  const asked = one?.pool.grant({ requests: 1, bytes: 5000 }, { origin: 'http://a', signal: never })
  one?.pool.hold('http://a', 60_000)
  await run(world, 10)
  t.equal(await asked, undefined)
})

t.test('what was granted without the ledger counts against quotas once it is back', async t => {
  const world = newWorld(1)
  const quotas = [{ of: 'requests' as const, limit: 1000, per: 'day' as const }]
  const [one] = await joined(world, 1, { requestsPerSecond: 100 }, { whenLost: 'share' }, quotas)
  const { granted, stop } = busy(world, one as Member, { requests: 1, bytes: 0 })
  await run(world, 500)
  world.keeper.isLost = true
  await run(world, 1500)
  world.keeper.isLost = false
  await run(world, 2000)
  stop()
  await Promise.all([one?.pool.leave(), run(world, 50)])
  const { used } = await world.keeper.status()
  const counted = used[0]?.amount ?? 0
  t.ok(counted >= granted.length && counted <= granted.length + 1, `${counted} of ${granted.length}`)
})

t.test('a pool that limits nothing is paused by its origin all the same', async t => {
  const world = newWorld(1)
  const [one, other] = [
    ...(await joined(world, 1, {}, { pushBack: 'user', user: 'alice' })),
    ...(await joined(world, 1, {}, { pushBack: 'user', user: 'alice' })),
  ]
  const { granted, stop } = busy(world, other as Member, { requests: 1, bytes: 0 })
  await run(world, 200)
  one?.pool.hold('http://a', 5000)
  await run(world, 100)
  const before = granted.length
  t.ok(before > 20, `${before} granted`)
  await run(world, 3000)
  t.equal(granted.length, before)
  stop()
})

t.test('a process has no more than its user may have', async t => {
  const { pool } = member(
    newWorld(),
    {},
    {
      limits: {
        pool: { bytesPerSecond: 1000, requestsPerSecond: 10, unitsPerSecond: Number.POSITIVE_INFINITY },
        user: { ...noRates, bytesPerSecond: 500, requestsPerSecond: 2 },
        quotas: [],
        zone: 'UTC',
      },
    },
  )
  t.equal(pool.rate(), 500)
  t.equal(pool.requestRate(), 2)
  t.ok(pool.hasSlots?.())
})
