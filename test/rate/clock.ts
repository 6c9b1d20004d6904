import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { sleep, systemClock } from '../../lib/rate/clock.js'

const never = new AbortController().signal

t.test('the clock of the process calls back after its time, never early and never at once', async t => {
  for (const ms of [-1, 0, 0.4, 1.9, 5.5, 10.1]) {
    const from = systemClock.now()
    let isCalled = false
    const called = new Promise<number>(resolve => {
      systemClock.after(ms, () => {
        isCalled = true
        resolve(systemClock.now())
      })
    })
    t.notOk(isCalled, `${ms} ms`)
    t.ok((await called) - from >= ms, `${ms} ms`)
  }
})

t.test('what is cancelled is not called', async t => {
  let isCalled = false
  systemClock.after(0, () => (isCalled = true))()
  await new Promise<void>(resolve => void systemClock.after(5, resolve))
  t.notOk(isCalled)
})

t.test('a time that no timer can count is waited for all the same', async t => {
  // setTimeout would call back at once.
  let isCalled = false
  const cancel = systemClock.after(2 ** 31, () => (isCalled = true))
  const cancelEver = systemClock.after(Number.POSITIVE_INFINITY, () => (isCalled = true))
  await new Promise<void>(resolve => void systemClock.after(20, resolve))
  cancel()
  cancelEver()
  t.notOk(isCalled)
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

t.test('sleep ends at once with the reason of its signal', async t => {
  const clock = manualClock()
  const stop = new AbortController()
  const sleeping = sleep(1000, { clock, signal: stop.signal })
  stop.abort(new Error('enough'))
  await t.rejects(sleeping, { message: 'enough' })
  await t.rejects(sleep(0, { clock, signal: stop.signal }), { message: 'enough' })
})
