import { PassThrough } from 'node:stream'
import t from 'tap'
import { tellFailures, tellRetries } from '../../bin/failures.js'
import { openLog } from '../../bin/log.js'
import { terminalOf } from '../../bin/terminal.js'
import { linesOf } from '../../fixtures/command.js'
import type { Failed } from '../../lib/index.js'

/** A log of everything, and what was logged since it was last asked. */
const logOf = () => {
  const stderr = new PassThrough()
  const log = openLog({ level: 'trace', stderr, terminal: terminalOf({ isTTY: false, columns: 0 }, {}) })
  return { log, said: () => linesOf(String(stderr.read() ?? '')) }
}

const failure = (index: number, error: Partial<Failed['error']> = {}, url = `http://h/${index}`): Failed => ({
  index,
  url,
  status: 'failed',
  error: { code: 'ERR_HTTP_STATUS', message: 'the origin answered 404', retryable: false, ...error },
})

t.test('the first few failures are warnings, the others only for debugging', async t => {
  const { log, said } = logOf()
  const tell = tellFailures(log, { most: 2 })
  for (const index of [0, 1, 2, 3, 4]) tell(failure(index))
  t.match(said(), [
    { level: 'warn', index: 0, url: 'http://h/0', code: 'ERR_HTTP_STATUS', msg: 'the origin answered 404' },
    { level: 'warn', index: 1 },
    { level: 'warn', msg: 'more entries failed: see the outcomes' },
    { level: 'debug', index: 2 },
    { level: 'debug', index: 3 },
    { level: 'debug', index: 4 },
  ])
})

t.test('a row without a URL that can be shown is told without one', async t => {
  const { log, said } = logOf()
  tellFailures(log)({ ...failure(0), url: { toString: 1 } as unknown as string })
  t.match(said(), [{ level: 'warn', index: 0, url: undefined }])
})

t.test('what the end of the run overtook is no news', async t => {
  const { log, said } = logOf()
  const tell = tellFailures(log, { most: 1 })
  const aborted = { code: 'ERR_ABORTED', message: 'the run ended first' } as const
  for (const error of [aborted, {}, aborted, aborted]) tell(failure(0, error))
  t.strictSame(
    said().map(({ level }) => level),
    ['debug', 'warn', 'debug', 'debug'],
  )
})

t.test('what is told carries no secret, whatever a row holds', async t => {
  const { log, said } = logOf()
  const tell = tellFailures(log)
  // A blank in a password would end the URL for whoever looks for one in a text.
  const secret = 'user:my s3cret@h/?token=s3cret'
  tell(failure(0, { retryAt: '2030-01-01T00:00:00.000Z' }, `https://${secret}`))
  tell(
    failure(1, { code: 'ERR_ENTRY_INVALID', message: `expected a url, got "//${secret}\n"` }, `//${secret}`),
  )
  tellRetries(log)({
    event: 'retry',
    index: 2,
    url: `https://${secret}`,
    attempt: 1,
    attempts: 4,
    code: 'ERR_NETWORK',
    message: 'the connection was reset',
    waitMs: 812.34,
  })
  const lines = said()
  t.notMatch(JSON.stringify(lines), 's3cret')
  t.match(lines, [
    { level: 'warn', url: 'https://h/?…', retryAt: '2030-01-01T00:00:00.000Z' },
    { level: 'warn', url: '…', msg: 'expected a url' },
    {
      level: 'debug',
      index: 2,
      code: 'ERR_NETWORK',
      waitMs: 812,
      url: 'https://h/?…',
      msg: 'attempt 1 of 4: the connection was reset',
    },
  ])
})
