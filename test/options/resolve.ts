import t from 'tap'
import type { Options } from '../../lib/options/given.js'
import { resolve } from '../../lib/options/resolve.js'

const out = 'images'
const off = Number.POSITIVE_INFINITY

t.test('options that are not given have their defaults', async t => {
  const { bwlimit, ...resolved } = resolve({ out })
  t.equal(bwlimit.rateAt(new Date()), off)
  t.equal(bwlimit.nextChange(new Date()), undefined)
  t.strictSame(resolved, {
    out,
    format: 'auto',
    select: undefined,
    path: '{host}{pathname}',
    concurrency: 10,
    perOrigin: 6,
    segment: 'auto',
    tpslimit: off,
    pool: undefined,
    poolName: 'default',
    poolUser: 'default',
    poolWeight: 1,
    userBwlimit: off,
    userTpslimit: off,
    quota: undefined,
    quotaZone: 'UTC',
    poolLost: 'hold',
    check: 'head',
    urlKey: 'full',
    retries: 3,
    retryBase: 1000,
    retryMax: 60_000,
    retryAfterMax: 300_000,
    timeout: 30_000,
    stallTimeout: 30_000,
    minRate: off,
    maxTime: off,
    maxSize: off,
    accept: '*/*',
    headers: undefined,
    maxFailures: { count: off },
    digest: 'sha256',
    durable: false,
    privateNetwork: 'allow',
    preset: undefined,
    origins: new Map(),
  })
})

t.test('limits that only a pool can keep are refused without one', async t => {
  for (const [name, given, flag] of [
    ['quota', '5000/d', '--quota'],
    ['userBwlimit', '1mbit', '--user-bwlimit'],
    ['userTpslimit', 5, '--user-tpslimit'],
  ] as const) {
    const message = `${flag}: expected --pool as well, such as --pool local:`
    t.throws(() => resolve({ out, [name]: given }), { code: 'ERR_OPTION', message })
    t.doesNotThrow(() => resolve({ out, [name]: given, pool: 'local:' }))
  }
})

t.test('what an origin shares needs a pool of its own, or that of the run', async t => {
  const origins = { 'https://cdn.test': { quota: '5000/d' } }
  const message = 'origins "https://cdn.test": quota: expected a pool as well, such as "local:"'
  t.throws(() => resolve({ out, origins }), { code: 'ERR_OPTION', message })
  t.doesNotThrow(() => resolve({ out, origins, pool: 'local:' }))
  t.doesNotThrow(() => resolve({ out, origins: { 'https://cdn.test': { quota: '5000/d', pool: 'local:' } } }))
})

t.test('a quota is requests or bytes, a day or a month', async t => {
  t.strictSame(resolve({ out, pool: 'local:', quota: '5000/d, 2GB/mo' }).quota, [
    { of: 'requests', limit: 5000, per: 'day' },
    { of: 'bytes', limit: 2e9, per: 'month' },
  ])
})

t.test('undefined and null stand for the default', async t => {
  t.match(resolve({ out, concurrency: undefined, retries: null }), { concurrency: 10, retries: 3 })
})

t.test('options are given as text or as what text would become', async t => {
  const cases: [given: Partial<Options>, expected: object][] = [
    [
      { concurrency: '4', perOrigin: 2 },
      { concurrency: 4, perOrigin: 2 },
    ],
    [
      { timeout: '5s', stallTimeout: 250 },
      { timeout: 5000, stallTimeout: 250 },
    ],
    [
      { timeout: 0, stallTimeout: '0s' },
      { timeout: off, stallTimeout: off },
    ],
    [{ maxFailures: '5%' }, { maxFailures: { share: 0.05 } }],
    [{ maxFailures: 7 }, { maxFailures: { count: 7 } }],
    [{ headers: { 'X-Key': 'k' } }, { headers: { 'X-Key': 'k' } }],
    [{ durable: true }, { durable: true }],
    [{ select: 'products.*', format: 'json' }, { select: 'products.*' }],
    [{ select: 'products.*' }, { select: 'products.*' }],
  ]
  for (const [given, expected] of cases) t.match(resolve({ out, ...given }), expected, JSON.stringify(given))
  t.equal(resolve({ out, bwlimit: '8mbit' }).bwlimit.rateAt(new Date()), 1e6)
  t.equal(resolve({ out, bwlimit: 5000 }).bwlimit.rateAt(new Date()), 5000)
  const timetable = resolve({ out, bwlimit: '08:00,8mbit 19:00,off' }).bwlimit
  t.equal(timetable.rateAt(new Date(2026, 0, 1, 12)), 1e6)
  t.equal(timetable.rateAt(new Date(2026, 0, 1, 20)), off)
})

t.test(
  'a wrong value is refused in a sentence that names the flag, what was expected and what was given',
  async t => {
    const cases: [given: Record<string, unknown>, message: string][] = [
      [{ concurrency: 0 }, '--concurrency: expected a whole number from 1 to 1024, got 0'],
      [{ perOrigin: 'many' }, '--per-origin: expected a whole number from 1 to 1024, got "many"'],
      [{ check: 'etag' }, '--check: expected head, conditional, manifest, exists or none, got "etag"'],
      [{ select: 'a', format: 'tsv' }, '--select: expected a manifest in JSON, got --format tsv'],
      [{ out: '' }, '--out: expected some text, got ""'],
      [{ out: undefined }, '--out: expected some text, got undefined'],
      [{ colour: 'red' }, 'colour: no such option'],
      [{ 'per-origin': 3 }, 'per-origin: no such option; did you mean perOrigin?'],
      [{ toString: undefined }, 'toString: no such option'],
    ]
    for (const [given, message] of cases)
      t.throws(() => resolve({ out, ...given }), { code: 'ERR_OPTION', scope: 'run', message }, message)
    t.throws(() => resolve({ out, bwlimit: { rateAt: 5 } }), {
      code: 'ERR_OPTION',
      message: /^--bwlimit: expected a rate/,
    })
    t.throws(() => resolve({ out, path: '{' }), { code: 'ERR_OPTION' }, 'a template that cannot be read')
    t.throws(() => resolve({ out, select: '' }), { code: 'ERR_OPTION' })
    t.throws(() => resolve({ out, select: 'a..b' }), { code: 'ERR_OPTION' }, 'a path that cannot be read')
  },
)

t.test('a wrong header is refused without showing it', async t => {
  t.throws(() => resolve({ out, headers: ['Authorization Bearer s3cret'] }), {
    code: 'ERR_OPTION',
    message: /^--header: expected headers such as (?!.*s3cret)/,
  })
})

t.test('a preset gives what is not given, and what is given wins', async t => {
  t.match(resolve({ out, preset: 'critical' }), { concurrency: 2, retries: 10, durable: true, check: 'head' })
  t.match(resolve({ out, preset: 'critical', concurrency: 8, durable: false }), {
    concurrency: 8,
    retries: 10,
    durable: false,
  })
  t.equal(resolve({ out, preset: 'initial' }).bwlimit.rateAt(new Date()), 50e6 / 8)
  t.equal(resolve({ out, preset: 'initial', bwlimit: 'off' }).bwlimit.rateAt(new Date()), off)
  t.throws(() => resolve({ out, preset: 'weekly' }), {
    message: '--preset: expected initial, daily, critical or high-latency, got "weekly"',
  })
})

t.test('what single origins have of their own comes along', async t => {
  const { origins } = resolve({ out, origins: { 'https://cdn.test': { perOrigin: '2' } } })
  t.strictSame(origins, new Map([['https://cdn.test', { perOrigin: 2 }]]))
})
