import t from 'tap'
import { type Code, SyncError } from '../lib/errors.js'
import { exitCodeOf, primaryOf } from '../lib/exit-code.js'

const errorOf = (code: Code, cause?: unknown) => new SyncError(code, 'it ended', { scope: 'run', cause })

t.test('every error of a run has its exit status', async t => {
  const cases: [status: number, code: Code, cause?: unknown][] = [
    [2, 'ERR_OPTION'],
    [3, 'ERR_MANIFEST'],
    [4, 'ERR_DESTINATION'],
    [5, 'ERR_TOO_MANY_FAILURES'],
    [6, 'ERR_QUOTA'],
    [130, 'ERR_ABORTED'],
    [130, 'ERR_ABORTED', 'SIGINT'],
    [143, 'ERR_ABORTED', 'SIGTERM'],
    [129, 'ERR_ABORTED', 'SIGHUP'],
    [141, 'ERR_ABORTED', 'EPIPE'],
    [130, 'ERR_ABORTED', new Error('enough')],
    [130, 'ERR_ABORTED', 'toString'],
    [4, 'ERR_DESTINATION', 'SIGTERM'],
    [70, 'ERR_INTERNAL'],
    [70, 'ERR_DNS'],
  ]
  for (const [status, code, cause] of cases)
    t.equal(exitCodeOf(errorOf(code, cause)), status, `${code} ${cause}`)
})

t.test('of two errors the more telling one decides, in either order', async t => {
  const order: Code[] = [
    'ERR_ABORTED',
    'ERR_INTERNAL',
    'ERR_DESTINATION',
    'ERR_MANIFEST',
    'ERR_TOO_MANY_FAILURES',
    'ERR_QUOTA',
  ]
  for (const [rank, first] of order.entries())
    for (const second of order.slice(rank + 1)) {
      const [more, less] = [errorOf(first), errorOf(second)]
      t.equal(primaryOf(more, less), more, `${first} before ${second}`)
      t.equal(primaryOf(less, more), more, `${first} after ${second}`)
    }
})

t.test('between equals the first decides', async t => {
  const first = errorOf('ERR_DESTINATION')
  t.equal(primaryOf(first, errorOf('ERR_DESTINATION')), first)
})

t.test('an error that should not end a run ranks as the bug it is', async t => {
  const odd = errorOf('ERR_DNS')
  const interrupted = errorOf('ERR_ABORTED')
  t.equal(primaryOf(odd, interrupted), interrupted)
  t.equal(primaryOf(errorOf('ERR_MANIFEST'), odd), odd)
})
