import { inspect } from 'node:util'
import t from 'tap'
import { type Code, type Scope, SyncError, scopeOf } from '../lib/errors.js'

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
  t.notOk('cause' in new SyncError('ERR_TYPE', 'no cause'))
  t.end()
})

t.test('an error that is printed lists only what is known of it', t => {
  const error = new SyncError('ERR_HTTP_STATUS', 'the origin answered 404', { statusCode: 404 })
  t.strictSame(Object.keys(error).sort(), ['code', 'name', 'scope', 'statusCode'])
  t.notMatch(inspect(error), 'undefined')
  t.end()
})

t.test('what a later run may mend is retryable, whether or not this run tries it again', t => {
  const cases: [code: Code, scope: Scope | undefined, retryable: boolean][] = [
    ['ERR_NETWORK', undefined, true],
    ['ERR_HTTP_STATUS', 'attempt', true],
    ['ERR_HTTP_STATUS', undefined, false],
    ['ERR_ABORTED', undefined, true],
    ['ERR_ABORTED', 'run', true],
    ['ERR_RETRY_AFTER', undefined, true],
    ['ERR_TOO_SLOW', 'entry', true],
    ['ERR_DESTINATION', undefined, true],
    ['ERR_DESTINATION', 'entry', false],
    ['ERR_ENTRY_INVALID', undefined, false],
    ['ERR_TYPE', undefined, false],
    ['ERR_OPTION', undefined, false],
    ['ERR_MANIFEST', undefined, false],
    ['ERR_INTERNAL', undefined, false],
  ]
  for (const [code, scope, retryable] of cases)
    t.equal(new SyncError(code, '', scope && { scope }).retryable, retryable, `${code} ${scope ?? ''}`)
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
