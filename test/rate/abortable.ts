import { getEventListeners } from 'node:events'
import t from 'tap'
import { abortable } from '../../lib/rate/abortable.js'

t.test('who waits gets what it is resolved with, and listens no longer', async t => {
  const { signal } = new AbortController()
  let resolve = (_value: number) => {}
  const waiting = abortable<number>(signal, keep => {
    resolve = keep
    return () => t.fail('nobody leaves')
  })
  t.equal(getEventListeners(signal, 'abort').length, 1)
  resolve(5)
  t.equal(await waiting, 5)
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('it may be resolved at once', async t => {
  const { signal } = new AbortController()
  t.equal(
    await abortable<number>(signal, resolve => {
      resolve(7)
      return () => {}
    }),
    7,
  )
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('who is aborted leaves', async t => {
  const controller = new AbortController()
  let hasLeft = false
  const waiting = abortable(controller.signal, () => () => {
    hasLeft = true
  })
  controller.abort(new Error('enough'))
  await t.rejects(waiting, { message: 'enough' })
  t.ok(hasLeft)
})
