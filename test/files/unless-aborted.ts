import { getEventListeners } from 'node:events'
import t from 'tap'
import { gate } from '../../fixtures/gate.js'
import { unlessAborted } from '../../lib/files/unless-aborted.js'

t.test('what settles in time settles as it is, and nobody listens any more', async t => {
  const { signal } = new AbortController()
  t.equal(await unlessAborted(signal, 1), 1)
  t.equal(await unlessAborted(signal, Promise.resolve(2)), 2)
  await t.rejects(unlessAborted(signal, Promise.reject(new Error('no'))), { message: 'no' })
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('an abort ends the wait at once, and what fails later is nobody’s concern', async t => {
  const controller = new AbortController()
  const hanging = gate()
  const waiting = unlessAborted(controller.signal, hanging.promise)
  const reason = new Error('the end')
  controller.abort(reason)
  await t.rejects(waiting, reason)
  await t.rejects(unlessAborted(controller.signal, hanging.promise), reason)
  hanging.shut(new Error('too late'))
})
