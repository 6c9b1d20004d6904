import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { mostWithin } from '../../../fixtures/most-within.js'
import { socketOf } from '../../../fixtures/pool/place.js'
import { rawClient } from '../../../fixtures/pool/raw-client.js'
import { type ActorProcess, nowUs, startActor } from '../../../fixtures/pool/start-actor.js'
import { quotaOf, standing, termsOf } from '../../../fixtures/pool/terms.js'
import { until } from '../../../fixtures/until.js'
import type { Answer, Keeper } from '../../../lib/pool/keeper.js'
import { openSocketKeeper } from '../../../lib/pool/socket/open-socket-keeper.js'

const limit = 100
const { fence } = termsOf(limit)

type Actor = ReturnType<typeof startActor>

/** A directory with a socket of a short path, and actors of it. */
const place = (t: Test) => {
  const { url, path, directory: log } = socketOf(t)
  return {
    url,
    path,
    start: (actor: string, more = {}) => startActor(t, { url, actor, rate: limit, log, ...more }),
  }
}

const allOf = (actors: readonly ActorProcess[]): number[] => actors.flatMap(actor => actor.acts())

t.test('two processes share one budget, half each, and no second has more than the limit', async t => {
  const { start } = place(t)
  const actors = [start('one'), start('two')]
  await Promise.all(actors.map(({ joined }) => joined))
  const from = nowUs()
  await setTimeout(2500)
  const acts = allOf(actors).filter(at => at > from + 5e5 && at <= from + 25e5)
  t.ok(mostWithin(allOf(actors), 1e6) <= limit)
  t.ok(acts.length > 2 * limit * 0.85, `${acts.length} of ${2 * limit}`)
  const [one = 0, two = 0] = actors.map(actor => actor.acts().filter(at => at > from + 5e5).length)
  t.ok(Math.abs(one - two) < 0.15 * (one + two), `${one} and ${two}`)
  t.strictSame(await Promise.all(actors.map(actor => actor.stop())), [0, 0])
})

t.test(
  'the process that serves is killed: the others go on within a second, and no window has more than the limit',
  async t => {
    const { start } = place(t)
    const server = start('server')
    await server.joined
    const others = [start('one'), start('two')]
    await Promise.all(others.map(({ joined }) => joined))
    await setTimeout(700)
    const killed = await server.kill()
    await setTimeout(1700)
    const acts = allOf([server, ...others])
    t.ok(mostWithin(acts, 1e6) <= limit, 'over the kill as well')
    const after = allOf(others).filter(at => at > killed + 60_000)
    t.ok(Math.min(...after) < killed + fence + 1e6, `again after ${(Math.min(...after) - killed) / 1000} ms`)
    for (const actor of others)
      t.ok(
        actor.acts().some(at => at > killed + 1e6),
        'each of them',
      )
    t.strictSame(await Promise.all(others.map(actor => actor.stop())), [0, 0])
  },
)

t.test('the process that serves ends its own run: it does not hang, and the others go on', async t => {
  const { start } = place(t)
  const server = start('server')
  await server.joined
  const other = start('other')
  await other.joined
  await until(() => other.acts().length > 10)
  const from = nowUs()
  t.equal(await server.stop(), 0)
  t.ok(nowUs() - from < 1e6)
  await until(() => other.acts().some(at => at > from + 3e5))
  t.ok(mostWithin(allOf([server, other]), 1e6) <= limit)
  t.equal(await other.stop(), 0)
})

t.test('an actor that is killed leaves its share to the others at once', async t => {
  const { url, start } = place(t)
  const keeper = await openSocketKeeper(url, 'pool')
  t.teardown(keeper.close)
  const actors = [start('one'), start('two'), start('three')]
  await Promise.all(actors.map(({ joined }) => joined))
  await setTimeout(500)
  const [victim, ...others] = actors
  const killed = await (victim as ActorProcess).kill()
  await setTimeout(1100)
  const acts = allOf(others)
    .filter(at => at > killed)
    .toSorted((a, b) => a - b)
  const { interval = 0 } = termsOf(limit).pool[0] ?? {}
  let missing = 0
  for (const [index, at] of acts.entries())
    if (index > 0) missing += Math.max(0, Math.round((at - (acts[index - 1] as number)) / interval) - 1)
  // Its two, and what a busy machine made late.
  t.ok(acts.filter(at => at < killed + 1e6).length >= 0.9 * limit, `${acts.length} acts, ${missing} missing`)
  const { users } = await keeper.status()
  t.match(users, [{ user: 'alice', actors: 2 }], 'it is not there any more')
  await Promise.all(others.map(actor => actor.stop()))
})

t.test('of three processes that find a dead socket one serves, time and again', async t => {
  const { start } = place(t)
  let server = start('first')
  await server.joined
  for (let round = 0; round < 2; round++) {
    await server.kill()
    const actors = [0, 1, 2].map(index => start(`${round}-${index}`))
    await Promise.all(actors.map(({ joined }) => joined))
    await until(() => actors.every(actor => actor.acts().length > 10))
    t.ok(mostWithin(allOf(actors), 1e6) <= limit)
    const [next, ...others] = actors as [Actor, Actor, Actor]
    await Promise.all(others.map(actor => actor.stop()))
    server = next
  }
  t.equal(await server.stop(), 0)
})

t.test('what one client does arrives at the others within milliseconds', async t => {
  const { url } = place(t)
  const keepers = await Promise.all([1, 2, 3].map(() => openSocketKeeper(url, 'pool')))
  const [operator, ...others] = keepers as [Keeper, Keeper, Keeper]
  t.teardown(() => Promise.all(keepers.map(keeper => keeper.close())))
  const terms = termsOf(limit)
  await operator.call({ kind: 'request', actor: 'one', user: 'alice', terms, order: standing })
  const heard = others.map((keeper, index) => {
    const pushes: { at: number; pausedUntil: number; holds: readonly unknown[]; set: unknown }[] = []
    keeper.listen(`actor ${index}`, push => void pushes.push({ at: nowUs(), ...push }))
    return pushes
  })
  await until(() => heard.every(pushes => pushes.length > 0))
  const happenings = {
    pause: { kind: 'pause', us: 1e6, cut: false },
    resume: { kind: 'resume' },
    hold: { kind: 'hold', origin: 'https://example.com', us: 1e6 },
    set: { kind: 'set', pool: [{ of: 'requests', interval: 1e6, savings: 0 }] },
  } as const
  const tells = {
    pause: { pausedUntil: Number, holds: [] },
    resume: { pausedUntil: 0 },
    hold: { holds: [['https://example.com', Number]] },
    set: { set: [{ of: 'requests', interval: 1e6, savings: 0 }] },
  }
  for (const [name, happening] of Object.entries(happenings)) {
    for (const pushes of heard) pushes.length = 0
    const from = nowUs()
    await operator.call(happening)
    await until(() => heard.every(pushes => pushes.length > 0))
    for (const [first] of heard) {
      t.match(first, tells[name as keyof typeof tells], name)
      t.ok((first?.at ?? 0) - from < 100_000, `${name} after ${((first?.at ?? 0) - from) / 1000} ms`)
    }
  }
  const { set, clocks, holds } = await (others[0] as Keeper).status()
  t.match(
    { set, clocks, holds },
    { set: tells.set.set, clocks: tells.set.set, holds: [['https://example.com']] },
  )
})

const limited = termsOf(limit, { quotas: [quotaOf(25)] })

/** Asks for one grant alone and waits for it. */
const takeOne = async (keeper: Keeper, actor: string): Promise<void> => {
  const order = { ...standing, standing: false }
  let end = () => {}
  const pushed = new Promise<void>(resolve => {
    end = keeper.listen(actor, ({ grants }) => {
      if (grants.length > 0) resolve()
    })
  })
  const { grants } = await keeper.call({ kind: 'request', actor, user: 'alice', order, terms: limited })
  if (grants.length === 0) await pushed
  end()
}

t.test('an actor that is gone wastes two grants at most', async t => {
  const { url, path } = place(t)
  const keeper = await openSocketKeeper(url, 'pool')
  t.teardown(keeper.close)
  const terms = termsOf(limit, { quotas: [quotaOf(1e6)] })
  const asked = (actor: string) =>
    ({ kind: 'request', actor, user: 'alice', order: standing, terms }) as const
  const granted = new Map<string, number>()
  const take = ({ grants }: Pick<Answer, 'grants'>): void => {
    for (const { epoch, slot, count } of grants) granted.set(`${epoch} ${slot}`, count)
  }
  keeper.listen('one', take)
  const victim = await rawClient(path)
  victim.say({ id: 1, open: 'pool', protocol: 1 })
  for (let id = 2; id < 60; id++) {
    take(await keeper.call(asked('one')))
    victim.say({ id, call: asked('victim') })
    take((await victim.reply(id))['done'] as Answer)
    await setTimeout(5)
  }
  victim.socket.destroy()
  await victim.closed
  for (let round = 0; round < 60; round++) {
    take(await keeper.call(asked('one')))
    await setTimeout(5)
  }
  await keeper.call({ kind: 'leave', actor: 'one', terms })
  await setTimeout(5)
  const [{ amount } = { amount: 0 }] = (await keeper.status()).used
  const told = [...granted.values()].reduce((sum, count) => sum + count, 0)
  t.ok(told > 20, `${told} told`)
  t.ok(amount - told <= 2, `${amount - told} wasted`)
})

t.test('a quota is exact over restarts', async t => {
  const { url } = place(t)
  let left = 25
  for (const count of [1, 7, 9, 8]) {
    const keeper = await openSocketKeeper(url, 'pool')
    for (let taken = 0; taken < count; taken++, left--) await takeOne(keeper, 'one')
    t.match((await keeper.status()).used, [{ of: 'requests', amount: 25 - left }])
    await keeper.close()
  }
  const keeper = await openSocketKeeper(url, 'pool')
  t.teardown(keeper.close)
  const request = { kind: 'request', actor: 'one', user: 'alice', order: standing, terms: limited } as const
  t.match(await keeper.call(request), { grants: [], spent: { of: 'requests', limit: 25 } })
})

t.test('a quota is exact where the process that serves is killed: what it granted is used', async t => {
  const { url, start } = place(t)
  const quota = 400
  const server = start('server', { quota })
  await server.joined
  const other = start('other', { quota })
  await other.joined
  await until(() => other.acts().length > 4)
  const told = once(other.child, 'message')
  await server.kill()
  t.strictSame((await told)[0], 'spent')
  const keeper = await openSocketKeeper(url, 'pool')
  t.teardown(keeper.close)
  t.match((await keeper.status()).used, [{ of: 'requests', period: '2026-11-30', amount: quota }])
  await setTimeout(100)
  const acts = allOf([server, other]).length
  t.ok(acts <= quota && acts > quota / 2, `${acts} of ${quota}, some were granted to the one that was killed`)
  t.equal(await other.stop(), 0)
})

t.test('a server that has stopped answers nobody in time, and its actors hold', async t => {
  const { url, start } = place(t)
  const server = start('server')
  await server.joined
  const keeper = await openSocketKeeper(url, 'pool', { timeoutMs: 100 })
  t.teardown(keeper.close)
  server.child.kill('SIGSTOP')
  await t.rejects(keeper.status(), { code: 'ERR_POOL', message: /has not answered for 100 ms$/ })
  await t.rejects(openSocketKeeper(url, 'pool', { timeoutMs: 50, patienceMs: 100 }), { code: 'ERR_POOL' })
  server.child.kill('SIGCONT')
  t.ok(await keeper.status())
})

t.test('what is no pool is found out at the start', async t => {
  const { url, path } = place(t)
  const stranger = createServer().listen(path)
  t.teardown(() => stranger.close())
  await t.rejects(openSocketKeeper(url, 'pool', { timeoutMs: 20, patienceMs: 50 }), {
    code: 'ERR_POOL',
    message: `the pool at ${path} has not answered for 20 ms`,
  })
  await t.rejects(openSocketKeeper('redis://host', 'pool'), { code: 'ERR_OPTION' })
})

t.test('closing ends whatever is under way, also where nobody serves', async t => {
  const { url } = place(t)
  const [first, second] = [await openSocketKeeper(url, 'one'), await openSocketKeeper(url, 'two')]
  await Promise.all([first.close(), second.close()])
  await first.close()
  const [third, fourth] = [await openSocketKeeper(url, 'one'), await openSocketKeeper(url, 'two')]
  await third.close()
  t.ok(await fourth.status(), 'it serves itself by now')
  await fourth.close()
})
