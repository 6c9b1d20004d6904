import { getEventListeners } from 'node:events'
import t from 'tap'
import { memorySink } from '../../fixtures/memory-sink.js'
import { recordingPool } from '../../fixtures/recording-pool.js'
import { localPool } from '../../lib/rate/pool.js'
import { openContext, type RunOptions, readRunOptions } from '../../lib/run/context.js'

t.test('options are read, and what no text could say is told apart from them', t => {
  const given = {
    signal: new AbortController().signal,
    pool: recordingPool(),
    sink: memorySink(),
    observe() {},
  }
  const read = readRunOptions({ out: 'd', retries: 7, ...given })
  t.match(read.resolved, { out: 'd', retries: 7 })
  t.strictSame(read.given, given)
  t.end()
})

t.test('what is not what it should be is refused by its name', t => {
  const pool = recordingPool()
  const cases: [options: object, message: RegExp][] = [
    [{ signal: new AbortController() }, /^signal: expected an AbortSignal/],
    [{ pool: '50mbit' }, /^--pool: expected redis:.* got "…"/],
    [{ pool: 5 }, /^pool: expected one such as sharedPool gives/],
    [{ pool: { ...pool, heldFor: undefined } }, /^pool: expected one .* heldFor/],
    [{ pool, preset: 'daily' }, /^bwlimit: expected no limit .*; bwlimit: 'off' leaves out/],
    [{ pool, bwlimit: '00:00,off 12:00,1M' }, /^bwlimit: expected no limit/],
    [{ concurrency: 10n }, /^--concurrency: expected/],
    [{ sink: { stat() {} } }, /^sink: expected an object with stat and create/],
    [{ observe: 'me' }, /^observe: expected a function/],
    [{ pool, bwlimit: '50mbit' }, /^bwlimit: expected no limit besides that of the pool/],
    [{ pool, tpslimit: 10 }, /^tpslimit: expected no limit besides/],
    [{ concurrency: 0 }, /^--concurrency: expected/],
  ]
  for (const [options, message] of cases)
    t.throws(() => readRunOptions({ out: 'd', ...options } as RunOptions), { code: 'ERR_OPTION', message })
  t.end()
})

t.test('what stands for nothing is nothing', t => {
  const nothing = { signal: null, pool: null, sink: null, observe: null, bwlimit: null } as object
  const { given } = readRunOptions({ out: 'd', ...nothing })
  t.strictSame(given, { signal: undefined, pool: undefined, sink: undefined, observe: undefined })
  const pool = recordingPool()
  for (const options of [
    { bwlimit: null } as object,
    { bwlimit: 'off' },
    { preset: 'daily', bwlimit: 'off' },
  ])
    t.equal(readRunOptions({ out: 'd', pool, ...options } as RunOptions).given.pool, pool)
  for (const options of [null, undefined, 'd'])
    t.throws(() => readRunOptions(options as never), {
      code: 'ERR_OPTION',
      message: 'options: expected an object',
    })
  t.end()
})

t.test('a pool that is given may know of higher rates than those at the start and in the end', async t => {
  const pool = { ...localPool({ bytesPerSecond: 10 }), highestRate: () => 30 }
  const { resolved, given } = readRunOptions({ out: 'd', pool })
  const context = await openContext(resolved, given)
  t.equal(context.highestRate(), 30)
  await context.close()
  t.end()
})

t.test('a run has a budget of its own, which ends with it', async t => {
  const { resolved, given } = readRunOptions({ out: 'd', bwlimit: '00:00,50mbit 12:00,10mbit' })
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const context = await openContext(resolved, given)
  t.equal(context.highestRate(), context.pool.rate())
  t.ok(timers() > before, 'its timetable goes on')
  await context.close()
  t.equal(timers(), before)
  t.end()
})

t.test('a pool that is given stays open, and its rate is followed', async t => {
  const pool = { ...localPool({ bytesPerSecond: 10 }), close: () => t.fail('the pool is closed') }
  const { resolved, given } = readRunOptions({ out: 'd', pool })
  const context = await openContext(resolved, given)
  t.equal(context.pool, pool)
  t.equal(context.highestRate(), 10)
  pool.setRate(20)
  t.equal(context.highestRate(), 20)
  await context.close()
  t.end()
})

t.test('the signal of the caller halts the run, and is let go of in the end', async t => {
  for (const isAborted of [true, false]) {
    const controller = new AbortController()
    const { resolved, given } = readRunOptions({ out: 'd', signal: controller.signal })
    const context = await openContext(resolved, given)
    if (isAborted) controller.abort()
    t.equal(context.halt.halted.aborted, isAborted)
    await context.close()
    t.equal(getEventListeners(controller.signal, 'abort').length, 0)
  }
  t.end()
})
