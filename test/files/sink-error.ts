import t from 'tap'
import { SyncError } from '../../lib/errors.js'
import { sinkError } from '../../lib/files/sink-error.js'

t.test('what a sink throws ends the run, unless it says otherwise', t => {
  const own = new SyncError('ERR_DESTINATION', 'the bucket refuses this key', { scope: 'entry' })
  t.equal(sinkError(own), own)
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
  const cases: [error: unknown, message: RegExp][] = [
    [new Error('no such bucket'), /^the sink failed: no such bucket$/],
    [reset, /^the sink failed: the connection was reset/],
    ['a text', /^the sink failed: a text$/],
  ]
  for (const [error, message] of cases)
    t.match(sinkError(error), { code: 'ERR_DESTINATION', scope: 'run', message, cause: error })
  t.match(sinkError(new DOMException('', 'AbortError')), { code: 'ERR_ABORTED', scope: 'entry' })
  t.end()
})
