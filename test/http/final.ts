import t from 'tap'
import { type Code, SyncError } from '../../lib/errors.js'
import { isFinal } from '../../lib/http/final.js'

t.test('a failure is final where asking again at once would meet it again', async t => {
  const cases: [code: Code, expected: boolean][] = [
    ['ERR_RETRY_AFTER', true],
    ['ERR_ABORTED', true],
    ['ERR_PRIVATE_NETWORK', true],
    ['ERR_POOL', true],
    ['ERR_HTTP_STATUS', false],
    ['ERR_NETWORK', false],
    ['ERR_TIMEOUT', false],
  ]
  for (const [code, expected] of cases) t.equal(isFinal(new SyncError(code, 'it failed')), expected, code)
})
