import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { type Clock, sleep, systemClock } from '../../lib/rate/clock.js'

const never = new AbortController().signal

/** Milliseconds by which the clock of the process calls back late after `ms`. */
const lateness = (ms: number): Promise<number> => {
  const from = systemClock.now()
  return new Promise(resolve => void systemClock.after(ms, () => resolve(systemClock.now() - from - ms)))
}

t.test('the clock of the process calls back after its time, and never early', async t => {
  const late: number[] = []
  // A timer of its own would be early in some of these, for it counts whole milliseconds.
  for (let n = 0; n < 100; n++) late.push(await lateness(0.1 + (n % 20) / 10))
  for (const ms of [-1, 0, 10]) late.push(await lateness(ms))
  t.ok(Math.min(...late) >= 0, `${Math.min(...late)} ms`)
})

t.test('it never calls back before it has returned', async t => {
  let hasReturned = false
  const called = new Promise<boolean>(resolve => void systemClock.after(-1, () => resolve(hasReturned)))
  hasReturned = true
  t.ok(await called)
})

t.test('what is cancelled is not called', async t => {
  let isCalled = false
  systemClock.after(0, () => (isCalled = true))()
  await lateness(5)
  t.notOk(isCalled)
})

t.test('a time that no timer can count is waited for all the same', async t => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  let isCalled = false
  const cancels = [2 ** 31, Number.POSITIVE_INFINITY].map(ms =>
    systemClock.after(ms, () => (isCalled = true)),
  )
  await lateness(20)
  for (const cancel of cancels) cancel()
  t.notOk(isCalled)
  t.strictSame(warnings, [])
})

t.test('sleep ends after its time', async t => {
  const clock = manualClock()
  let isOver = false
  const sleeping = sleep(1000, { clock, signal: never }).then(() => (isOver = true))
  await clock.advance(999)
  t.notOk(isOver)
  await clock.advance(1)
  await sleeping
})

t.test('sleep ends at once with the reason of its signal, and leaves no timer behind', async t => {
  const manual = manualClock()
  let timers = 0
  const clock: Clock = {
    ...manual,
    after(ms, callback) {
      timers++
      const cancel = manual.after(ms, callback)
      return () => {
        timers--
        cancel()
      }
    },
  }
  const stop = new AbortController()
  const sleeping = sleep(1000, { clock, signal: stop.signal })
  stop.abort(new Error('enough'))
  await t.rejects(sleeping, { message: 'enough' })
  t.equal(timers, 0)
  await t.rejects(sleep(0, { clock, signal: stop.signal }), { message: 'enough' })
})
