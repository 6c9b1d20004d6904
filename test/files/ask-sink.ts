import t from 'tap'
import { gate } from '../../fixtures/gate.js'
import { SyncError } from '../../lib/errors.js'
import { askSink, checkStored } from '../../lib/files/ask-sink.js'
import { ended } from '../../lib/flow/halt.js'

const failing = (signal: AbortSignal, error: unknown) => askSink(signal, () => Promise.reject(error))

t.test('what a sink throws ends the run, unless it says otherwise', async t => {
  const { signal } = new AbortController()
  const own = new SyncError('ERR_DESTINATION', 'the bucket refuses this key', { scope: 'entry' })
  t.equal(await failing(signal, own).catch(error => error), own)
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
  const cases: [error: unknown, message: RegExp][] = [
    [new Error('no such bucket'), /^the sink failed: no such bucket$/],
    [new DOMException('', 'AbortError'), /^the sink failed: it was aborted/],
    [reset, /^the sink failed: the connection was reset/],
    ['a text', /^the sink failed: a text$/],
  ]
  for (const [error, message] of cases)
    await t.rejects(failing(signal, error), { code: 'ERR_DESTINATION', scope: 'run', message, cause: error })
})

t.test('the end of the run ends every question, and none is asked after it', async t => {
  const controller = new AbortController()
  const asking = askSink(controller.signal, () => gate().promise)
  controller.abort(ended())
  await t.rejects(asking, { code: 'ERR_ABORTED', scope: 'entry' })
  let isAsked = false
  const late = askSink(controller.signal, () => {
    isAsked = true
  })
  await t.rejects(late, { code: 'ERR_ABORTED' })
  t.notOk(isAsked)
})

t.test('what a sink tells of a file is checked before it is believed', t => {
  t.strictSame(checkStored('stat', { bytes: 3, mtimeMs: 5, more: true }), { bytes: 3, mtimeMs: 5 })
  t.strictSame(checkStored('stat', { bytes: 3, mtimeMs: undefined }), { bytes: 3 })
  for (const told of [undefined, null, 3, {}, { bytes: '3' }, { bytes: 3, mtimeMs: new Date() }])
    t.throws(() => checkStored('commit', told), { message: /^expected commit to give bytes .*, got / })
  t.end()
})
