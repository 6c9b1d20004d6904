import t from 'tap'
import { type Code, type ErrorFacts, SyncError } from '../../lib/errors.js'
import { type RetryOptions, retry } from '../../lib/http/retry.js'

/** Attempts that fail one after another with `errors`, then succeed. */
const run = async (errors: unknown[], options: Partial<RetryOptions> = {}) => {
  const waits: number[] = []
  let attempts = 0
  const result = await retry(
    async () => {
      attempts++
      if (errors.length > 0) throw errors.shift()
      return 'done'
    },
    {
      retries: 3,
      baseMs: 1000,
      maxMs: 60_000,
      wait: async ms => void waits.push(ms),
      random: () => 1,
      ...options,
    },
  ).catch(error => error)
  return { result, attempts, waits }
}

const failure = (code: Code, facts?: ErrorFacts) => new SyncError(code, 'failed', facts)
const reset = () => failure('ERR_NETWORK')

t.test('what may succeed is tried again, as often as allowed', async t => {
  const gone = failure('ERR_HTTP_STATUS', { statusCode: 404 })
  const aborted = failure('ERR_ABORTED')
  const held = failure('ERR_HTTP_STATUS', { scope: 'attempt', retryAfterMs: 500 })
  const past = failure('ERR_HTTP_STATUS', { scope: 'attempt', retryAfterMs: 0 })
  const bad = () => failure('ERR_INTEGRITY', { once: true })
  const unknown = () => failure('ERR_DNS', { once: true })
  const cases: [string, unknown[], Partial<RetryOptions>, unknown, number[]][] = [
    ['success at once', [], {}, 'done', []],
    ['success in the end', [reset(), reset(), reset()], {}, 'done', [1000, 2000, 4000]],
    [
      'retries are spent',
      [reset(), reset(), reset(), reset()],
      {},
      { code: 'ERR_NETWORK' },
      [1000, 2000, 4000],
    ],
    ['no retries', [reset()], { retries: 0 }, { code: 'ERR_NETWORK' }, []],
    ['for good', [gone], {}, gone, []],
    ['for good in the end', [reset(), gone], {}, gone, [1000]],
    ['for a later run', [aborted], {}, aborted, []],
    ['of the run', [failure('ERR_DESTINATION')], {}, { code: 'ERR_DESTINATION' }, []],
    ['a bug', [new TypeError('bug')], {}, { code: 'ERR_INTERNAL', message: 'bug' }, []],
    ['a foreign error', [Object.assign(new Error(), { code: 'ECONNRESET' })], {}, 'done', [1000]],
    ['worth one more', [bad()], {}, 'done', [1000]],
    ['not worth two', [bad(), bad()], {}, { code: 'ERR_INTEGRITY' }, [1000]],
    ['one more for each reason', [bad(), unknown()], {}, 'done', [1000, 2000]],
    ['one more, whatever else fails', [bad(), reset(), bad()], {}, { code: 'ERR_INTEGRITY' }, [1000, 2000]],
    ['the longest wait', [reset(), reset(), reset()], { maxMs: 1500 }, 'done', [1000, 1500, 1500]],
    ['what the origin holds back itself', [held, reset()], {}, 'done', [2000]],
    ['a Retry-After that is over', [past], {}, 'done', [1000]],
    ['an early retry', [reset(), reset()], { random: () => 0 }, 'done', [0, 0]],
    ['full jitter', [reset(), reset()], { random: () => 0.25 }, 'done', [250, 500]],
  ]
  for (const [title, errors, options, expected, expectedWaits] of cases) {
    const count = errors.length
    const { result, attempts, waits } = await run(errors, options)
    t.match(result, expected, title)
    t.strictSame(waits, expectedWaits, `${title}: waits`)
    t.equal(attempts, expected === 'done' ? count + 1 : count, `${title}: attempts`)
  }
})

t.test('of every attempt that failed and is tried again it is told how long that takes', async t => {
  const held = failure('ERR_HTTP_STATUS', { scope: 'attempt', retryAfterMs: 500 })
  const gone = failure('ERR_HTTP_STATUS', { statusCode: 404 })
  const told: unknown[] = []
  const onRetry: RetryOptions['onRetry'] = ({ error: { code }, ...facts }) => told.push({ code, ...facts })
  await run([reset(), held, reset(), reset()], { onRetry })
  t.strictSame(told.splice(0), [
    { code: 'ERR_NETWORK', attempt: 1, waitMs: 1000 },
    { code: 'ERR_HTTP_STATUS', attempt: 2, waitMs: 500 },
    { code: 'ERR_NETWORK', attempt: 3, waitMs: 4000 },
  ])
  await run([gone], { onRetry })
  t.strictSame(told, [], 'but not of what is not')
})

t.test('a hundred retries never wait longer than the longest wait', async t => {
  const { waits } = await run(Array.from({ length: 2000 }, reset), { retries: 2000 })
  t.equal(waits.length, 2000)
  t.equal(Math.max(...waits), 60_000)
})

t.test('the jitter is by chance unless told otherwise', async t => {
  const waits: number[] = []
  let left = 50
  await retry(async () => (left-- > 0 ? Promise.reject(reset()) : 'done'), {
    retries: 50,
    baseMs: 1000,
    maxMs: 1000,
    wait: async ms => void waits.push(ms),
  })
  t.ok(waits.every(ms => ms >= 0 && ms < 1000))
  t.ok(new Set(waits).size > 40)
})

t.test('the end of the run ends the waiting, and nothing is tried again', async t => {
  const ended = failure('ERR_ABORTED')
  const { result, attempts } = await run([reset()], { wait: () => Promise.reject(ended) })
  t.equal(result, ended)
  t.equal(attempts, 1)
})

t.test('a first attempt that was made already counts, and is not made again', async t => {
  const { result, attempts, waits } = await run([reset()], { retries: 2, failure: reset() })
  t.equal(result, 'done')
  t.equal(attempts, 2)
  t.strictSame(waits, [1000, 2000])
  const spent = await run([], { retries: 0, failure: reset() })
  t.match(spent.result, { code: 'ERR_NETWORK' })
  t.equal(spent.attempts, 0)
})
