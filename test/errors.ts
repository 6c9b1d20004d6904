import t from 'tap'
import { SyncError, scopeOf } from '../lib/errors.js'

t.test('an error says what happened and how much it takes down', t => {
  const cause = new Error('cause')
  const error = new SyncError('ERR_HTTP_STATUS', 'the origin answered 503', {
    cause,
    scope: 'attempt',
    statusCode: 503,
    retryAfterMs: 1000,
    retryAt: '2026-06-01T00:00:00.000Z',
    offset: 7,
  })
  t.match(error, {
    name: 'SyncError',
    code: 'ERR_HTTP_STATUS',
    scope: 'attempt',
    retryable: true,
    statusCode: 503,
    retryAfterMs: 1000,
    retryAt: '2026-06-01T00:00:00.000Z',
    offset: 7,
    cause,
  })
  t.match(new SyncError('ERR_HTTP_STATUS', 'the origin answered 404'), { scope: 'entry', retryable: false })
  t.notOk('cause' in new SyncError('ERR_TYPE', 'no cause'))
  t.end()
})

t.test('whatever is not ours is a bug and ends the run', t => {
  t.equal(scopeOf(new SyncError('ERR_NETWORK', '')), 'attempt')
  t.equal(scopeOf(new SyncError('ERR_PATH_ESCAPE', '')), 'entry')
  t.equal(scopeOf(new SyncError('ERR_DESTINATION', '')), 'run')
  for (const error of [new Error('bug'), new TypeError('bug'), 'bug', undefined, null])
    t.equal(scopeOf(error), 'run')
  t.end()
})
