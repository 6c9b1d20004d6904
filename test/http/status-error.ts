import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { recordingPool } from '../../fixtures/recording-pool.js'
import { toHead } from '../../lib/http/head.js'
import { originBook } from '../../lib/http/origins.js'
import { statusError } from '../../lib/http/status-error.js'

const origin = 'http://a.example'
const now = Date.UTC(2026, 10, 1, 12)

const judge = (
  status: number,
  retryAfter?: string | string[],
  origins = originBook(),
  clock = manualClock(),
) => {
  let pushedBack = 0
  const pool = { ...recordingPool(), pushBack: () => void pushedBack++ }
  const toError = statusError({ origins, pool, retryAfterMaxMs: 300_000, now: () => now, clock })
  const error = toError(toHead(status, { 'retry-after': retryAfter }), origin)
  return { error, holds: pool.holds, pushedBack, facts: origins.of(origin) }
}

t.test('what may pass is retried, and nothing else', t => {
  const retried = [408, 425, 429, 500, 502, 503, 504, 506, 507, 508, 510, 511, 520, 527, 530, 599]
  const final = [
    300, 305, 306, 400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 412, 413, 414, 415, 416, 417,
  ]
  const refused = [418, 421, 422, 423, 424, 426, 428, 431, 451, 499, 501, 505, 600, 999]
  for (const status of [...retried, ...final, ...refused]) {
    const { error, holds } = judge(status)
    t.match(error, { code: 'ERR_HTTP_STATUS', statusCode: status, retryAfterMs: undefined }, String(status))
    t.equal(error.retryable, retried.includes(status), String(status))
    t.strictSame(holds, [])
  }
  t.end()
})

t.test('a Retry-After holds the origin and says when to come back', t => {
  for (const status of [408, 413, 425, 429, 500, 503])
    for (const [value, ms] of [
      ['120', 120_000],
      ['0', 0],
      ['300', 300_000],
      ['Sun, 01 Nov 2026 12:00:30 GMT', 30_000],
    ] as const) {
      const { error, holds } = judge(status, value)
      t.match(error, {
        code: 'ERR_HTTP_STATUS',
        statusCode: status,
        scope: 'attempt',
        retryAfterMs: ms,
        retryAt: new Date(now + ms).toISOString(),
      })
      t.strictSame(holds, [{ origin, ms }], `${status} ${value}`)
    }
  t.end()
})

t.test('a Retry-After of what is not retried, or that is none, holds nobody', t => {
  const cases: [number, string | string[]][] = [
    [404, '120'],
    [501, '120'],
    [503, 'soon'],
    [503, '-1'],
    [503, '1e3'],
    [503, ['1', '2']],
  ]
  for (const [status, value] of cases) {
    const { error, holds } = judge(status, value)
    t.match(
      error,
      { code: 'ERR_HTTP_STATUS', retryAfterMs: undefined, retryAt: undefined },
      `${status} ${value}`,
    )
    t.strictSame(holds, [])
  }
  t.end()
})

t.test('a Retry-After beyond what is waited for fails its entry and holds nobody', t => {
  const cases: [string, string][] = [
    ['301', '2026-11-01T12:05:01.000Z'],
    ['Fri, 31 Dec 2027 23:59:59 GMT', '2027-12-31T23:59:59.000Z'],
    ['9'.repeat(30), '9999-12-31T23:59:59.999Z'],
  ]
  for (const [value, retryAt] of cases) {
    const { error, holds } = judge(503, value)
    t.match(error, { code: 'ERR_RETRY_AFTER', statusCode: 503, retryAt, scope: 'entry' })
    t.strictSame(holds, [], value)
  }
  t.end()
})

t.test(
  'an origin that pushes back is asked for larger ranges, twice as large for each incident, up to 64 times',
  async t => {
    const origins = originBook()
    const clock = manualClock()
    const slowdownAfter = (status: number) => judge(status, undefined, origins, clock).facts.slowdown
    t.equal(slowdownAfter(500), 1)
    t.equal(slowdownAfter(429), 2)
    t.equal(slowdownAfter(503), 2, 'what was asked before is of the same incident')
    await clock.advance(1000)
    t.equal(slowdownAfter(503), 4)
    for (let i = 0; i < 10; i++) {
      await clock.advance(1000)
      slowdownAfter(503)
    }
    t.equal(origins.of(origin).slowdown, 64)
  },
)

t.test('a pool hears of an origin that is asked too much and says nothing of when to come back', async t => {
  for (const status of [429, 503]) {
    t.equal(judge(status).pushedBack, 1, String(status))
    t.equal(judge(status, '5').pushedBack, 0, `${status} with Retry-After is a hold`)
  }
  t.equal(judge(429, '3600').pushedBack, 1, 'what is longer than anybody waits holds nobody')
  for (const status of [404, 500, 502]) t.equal(judge(status).pushedBack, 0, String(status))
})
