import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { localPool } from '../../lib/rate/pool.js'
import { type ThrottleOptions, throttle } from '../../lib/rate/throttle.js'

const silent = () => new Readable({ read() {} })

const never = new AbortController().signal

const poolOf = (bytesPerSecond: number) => {
  const clock = manualClock()
  const pool = localPool({
    bytesPerSecond,
    requestsPerSecond: Number.POSITIVE_INFINITY,
    burstBytes: () => 0,
    clock,
  })
  return { clock, pool }
}

/** A body of `chunks` on its way through a throttle: what has passed, and what was granted for it. */
const start = (chunks: Buffer[], bytesPerSecond: number, options: Partial<ThrottleOptions> = {}) => {
  const { clock, pool } = poolOf(bytesPerSecond)
  const grants: number[] = []
  const passed: Buffer[] = []
  const through = throttle({
    pool,
    origin: 'http://a',
    signal: never,
    onGrant: bytes => grants.push(bytes),
    ...options,
  })
  const into = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      passed.push(chunk)
      callback()
    },
  })
  const over = pipeline(Readable.from(chunks), through, into)
  return { clock, pool, grants, passed: () => Buffer.concat(passed), through, over }
}

t.test('bytes pass as they are granted, all of them and in order', async t => {
  const body = Buffer.from('abcdefghij')
  const { clock, grants, passed, over } = start([body.subarray(0, 4), body.subarray(4)], 1, {
    largestGrant: 3,
  })
  for (const [ms, text] of [
    [2999, ''],
    [1, 'abc'],
    [1000, 'abcd'],
    [3000, 'abcdefg'],
    [3000, 'abcdefghij'],
  ] as const) {
    await clock.advance(ms)
    t.equal(passed().toString(), text)
  }
  await over
  t.strictSame(grants, [3, 1, 3, 3])
})

t.test('a body asks in the turn of its origin', async t => {
  const origins: string[] = []
  const { pool } = poolOf(Number.POSITIVE_INFINITY)
  const through = throttle({
    pool: {
      ...pool,
      grant: (cost, claimant) => {
        origins.push(`${claimant.origin} ${cost.requests} ${cost.bytes}`)
        return pool.grant(cost, claimant)
      },
    },
    origin: 'http://b',
    signal: never,
  })
  await pipeline(
    Readable.from([Buffer.alloc(100_000)]),
    through,
    new Writable({ write: (_c, _e, done) => done() }),
  )
  t.strictSame(origins, ['http://b 0 65536', 'http://b 0 34464'], 'in grants that leave room for others')
})

t.test('what is not granted yet holds back what comes next', async t => {
  const { pool } = poolOf(1)
  const through = throttle({ pool, origin: 'http://a', signal: never })
  t.teardown(() => through.destroy())
  t.notOk(through.write(Buffer.from('a')), 'the first chunk is one too many already')
})

t.test('the end of the run ends the waiting', async t => {
  const stop = new AbortController()
  const { over } = start([Buffer.from('a')], 1, { signal: stop.signal })
  stop.abort(new Error('enough'))
  await t.rejects(over, { message: 'enough' })
  const late = start([Buffer.from('a')], 1, { signal: stop.signal })
  await t.rejects(late.over, { message: 'enough' })
})

t.test('out of patience it waits for no grant, and passes what needs none', async t => {
  const stop = new AbortController()
  const waiting = start([Buffer.from('a')], 1, { patience: stop.signal })
  const free = start([Buffer.from('a')], Number.POSITIVE_INFINITY, { patience: stop.signal })
  stop.abort(new Error('enough'))
  await t.rejects(waiting.over, { message: 'enough' })
  await free.over
  await t.rejects(start([Buffer.from('a')], 1, { patience: stop.signal }).over, { message: 'enough' })
  await start([Buffer.from('a')], Number.POSITIVE_INFINITY, { patience: stop.signal }).over
})

t.test('a body that ends early takes nothing more from the others', async t => {
  const { clock, pool, grants, through, over } = start([Buffer.alloc(1000)], 1000)
  await clock.advance(0)
  let at = 0
  void pool
    .grant({ requests: 0, bytes: 100 }, { origin: 'http://a', signal: never })
    .then(() => (at = clock.now()))
  await clock.advance(50)
  through.destroy(new Error('reset'))
  await t.rejects(over, { message: 'reset' })
  await clock.advance(2000)
  t.equal(at, 100, 'as if it had never waited')
  t.strictSame(grants, [])
})

t.test('many bodies of one run leave no listeners on its signal', async t => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  const { signal } = new AbortController()
  for (let n = 0; n < 50; n++) await start([Buffer.from('a')], Number.POSITIVE_INFINITY, { signal }).over
  t.strictSame(warnings, [])
})

t.test('on its own it needs nothing but a pool', async t => {
  const { clock, pool } = poolOf(10)
  const passing = text(Readable.from([Buffer.from('a body of 20 bytes .')]).pipe(throttle({ pool })))
  await clock.advance(2000)
  t.equal(await passing, 'a body of 20 bytes .')
})

t.test('without a signal its destruction still ends the wait', async t => {
  const { pool } = poolOf(1)
  const through = throttle({ pool })
  through.write(Buffer.alloc(10))
  const granted = await Promise.race([once(through.destroy(), 'close'), once(through, 'data')])
  t.strictSame(granted, [])
})

t.test('what cannot work is refused', async t => {
  const { pool } = poolOf(1)
  const cases: [options: object, message: RegExp][] = [
    [{ pool, largestGrant: 0 }, /^largestGrant: expected a number of at least 1, got 0/],
    [{ pool: {} }, /^pool: expected one such as localPool gives/],
    [{}, /^pool: expected/],
  ]
  for (const [options, message] of cases)
    t.throws(() => throttle(options as ThrottleOptions), { code: 'ERR_OPTION', message })
})

t.test('an abort ends the stream also while nothing comes', async t => {
  const { pool } = poolOf(1000)
  const leaving = new AbortController()
  const through = throttle({ pool, signal: leaving.signal })
  const flowing = pipeline(silent(), through, new Writable())
  leaving.abort(new Error('enough'))
  await t.rejects(flowing, { message: 'enough' })
  const late = throttle({ pool, signal: AbortSignal.abort(new Error('before')) })
  await t.rejects(pipeline(silent(), late, new Writable()), { message: 'before' })
})
