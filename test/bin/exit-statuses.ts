import t from 'tap'
import { exitStatuses } from '../../bin/exit-statuses.js'
import { exitCodeOf, SyncError } from '../../lib/index.js'

t.test('every status that an error of a run stands for says what it means', async t => {
  const errors = [
    new SyncError('ERR_OPTION', ''),
    new SyncError('ERR_MANIFEST', ''),
    new SyncError('ERR_DESTINATION', ''),
    new SyncError('ERR_TOO_MANY_FAILURES', ''),
    new SyncError('ERR_QUOTA', ''),
    new SyncError('ERR_INTERNAL', ''),
    ...['SIGHUP', 'SIGINT', 'SIGTERM', 'EPIPE'].map(cause => new SyncError('ERR_ABORTED', '', { cause })),
  ]
  t.strictSame(
    errors.map(exitCodeOf).sort((a, b) => a - b),
    [...exitStatuses.keys()].filter(status => status > 1),
  )
})
