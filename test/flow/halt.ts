import { getEventListeners } from 'node:events'
import { setImmediate, setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { SyncError } from '../../lib/errors.js'
import { ended, type HaltOptions, halting } from '../../lib/flow/halt.js'

const diskFull = new SyncError('ERR_DESTINATION', 'the disk is full')
const broken = new SyncError('ERR_MANIFEST', 'truncated')
const tooMany = new SyncError('ERR_TOO_MANY_FAILURES', 'too many')
const longMs = 60_000

const make = (t: Test, options: Partial<HaltOptions> = {}) => {
  const halt = halting({ graceMs: longMs, ...options })
  t.teardown(halt.close)
  return halt
}

t.test('nothing is halted and nothing is wrong at the beginning', async t => {
  t.match(make(t), { error: undefined, halted: { aborted: false }, aborted: { aborted: false } })
})

t.test('a stop ends reading and waiting at once, and what is under way a grace later', async t => {
  const halt = make(t, { graceMs: 1 })
  halt.stop(diskFull)
  t.equal(halt.error, diskFull)
  t.equal(halt.halted.aborted, true)
  t.equal(halt.aborted.aborted, false)
  await new Promise(resolve => halt.aborted.addEventListener('abort', resolve))
  for (const { reason } of [halt.halted, halt.aborted])
    t.match(reason, { code: 'ERR_ABORTED', scope: 'entry' })
})

t.test('a stop without grace ends all of it at once, also after one with grace', async t => {
  for (const before of [[], [diskFull]]) {
    const halt = make(t)
    for (const error of before) halt.stop(error)
    halt.stopNow(tooMany)
    t.equal(halt.aborted.aborted, true)
    t.equal(halt.halted.aborted, true)
  }
})

t.test('a grace may be without end, and has to be a time', async t => {
  for (const graceMs of [Number.POSITIVE_INFINITY, 1e12]) {
    const halt = halting({ graceMs })
    halt.stop(new SyncError('ERR_ABORTED', 'enough', { scope: 'run' }))
    await setTimeout(5)
    t.notOk(halt.aborted.aborted)
    halt.close()
  }
  t.throws(() => halting({ graceMs: Number.NaN }), { code: 'ERR_OPTION' })
})

t.test('what is noted ends nothing', async t => {
  const halt = make(t)
  halt.note(broken)
  t.equal(halt.error, broken)
  t.equal(halt.halted.aborted, false)
})

t.test('of several errors the one decides that tells the most, whichever came first', async t => {
  for (const errors of [
    [tooMany, broken, diskFull],
    [diskFull, broken, tooMany],
  ]) {
    const halt = make(t)
    for (const error of errors) halt.stop(error)
    t.equal(halt.error, diskFull)
  }
})

t.test('the wish of the caller is a stop that says why', async t => {
  const late = new AbortController()
  const halt = make(t, { signal: late.signal })
  t.equal(halt.halted.aborted, false)
  late.abort('SIGTERM')
  t.match(halt.error, { code: 'ERR_ABORTED', scope: 'run', cause: 'SIGTERM' })
  t.equal(halt.halted.aborted, true)
  t.equal(halt.aborted.aborted, false)
})

t.test('a signal that was aborted before is heard, too', async t => {
  t.match(make(t, { signal: AbortSignal.abort('SIGINT') }), {
    error: { code: 'ERR_ABORTED', cause: 'SIGINT' },
    halted: { aborted: true },
  })
})

t.test('an error of ours as the reason of the signal is the error of the run', async t => {
  t.equal(make(t, { signal: AbortSignal.abort(diskFull) }).error, diskFull)
})

t.test('once closed it has forgotten the signal and the grace', async t => {
  const { signal } = new AbortController()
  const halt = halting({ graceMs: longMs, signal })
  t.equal(getEventListeners(signal, 'abort').length, 1)
  halt.stop(diskFull)
  halt.close()
  t.equal(getEventListeners(signal, 'abort').length, 0)
  t.notOk(process.getActiveResourcesInfo().includes('Timeout'), 'no timer keeps the process alive')
})

t.test('an entry that the end of the run overtook has not failed for good', async t => {
  t.match(ended(), { code: 'ERR_ABORTED', scope: 'entry' })
})

t.test('a signal that many runs listen to is no leak', async t => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  const { signal } = new AbortController()
  for (let n = 0; n < 11; n++) make(t, { signal })
  await setImmediate()
  t.strictSame(warnings, [])
})

t.test('what is finished ends all that waits, without an error of the run', async t => {
  const halt = make(t)
  halt.finish()
  t.match(halt, { error: undefined, halted: { aborted: true }, aborted: { aborted: true } })
})

t.test('once it is closed nothing ends the run any more, and no timer is left', async t => {
  const timers = () => process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
  const halt = make(t)
  halt.close()
  const before = timers()
  halt.stop(diskFull)
  halt.stopNow(diskFull)
  t.match(halt, { error: undefined, halted: { aborted: false }, aborted: { aborted: false } })
  t.equal(timers(), before)
})
