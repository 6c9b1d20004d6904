import t from 'tap'
import { readOrigins, whatNeedsPool } from '../../lib/options/origins.js'

const cdn = 'https://cdn.test'

t.test('a section is read as the options are', async t => {
  const sections = readOrigins({
    [cdn]: {
      headers: { 'X-Key': 'k' },
      perOrigin: '2',
      bwlimit: '8mbit',
      segment: '64KiB',
      tpslimit: '600/m',
      timeout: 5000,
      stallTimeout: '1m',
      minRate: '1K',
      maxTime: null,
    },
    'http://127.0.0.1:8080/': {},
  })
  t.strictSame([...sections.keys()], [cdn, 'http://127.0.0.1:8080'])
  const { bwlimit, ...others } = sections.get(cdn) ?? {}
  t.equal(bwlimit?.rateAt(new Date()), 1e6)
  t.strictSame(others, {
    headers: { 'X-Key': 'k' },
    perOrigin: 2,
    segment: 65_536,
    tpslimit: 10,
    timeout: 5000,
    stallTimeout: 60_000,
    minRate: 1024,
  })
})

t.test('an origin is found however its name is written', async t => {
  t.strictSame([...readOrigins({ 'HTTPS://CDN.test:443/': {} }).keys()], [cdn])
})

t.test('no section is no section', async t => {
  for (const none of [undefined, null, {}]) t.equal(readOrigins(none).size, 0)
})

t.test('what is wrong is named with its section and key', async t => {
  const cases: [given: unknown, message: string][] = [
    [[], 'origins: expected an object, got a list'],
    ['x', 'origins: expected an object, got a string'],
    [{ [cdn]: 3 }, 'origins "https://cdn.test": expected an object, got a number'],
    [{ 'cdn.test': {} }, 'origins "cdn.test": expected an origin such as "https://cdn.example.com"'],
    [
      { 'ftp://cdn.test': {} },
      'origins "ftp://cdn.test": expected an origin such as "https://cdn.example.com"',
    ],
    [
      { [`${cdn}/a`]: {} },
      'origins "https://cdn.test/a": expected an origin such as "https://cdn.example.com"',
    ],
    [
      { 'https://*.cdn.test': {} },
      'origins "https://*.cdn.test": expected the name of one host, got a pattern',
    ],
    [
      { [cdn]: {}, 'https://CDN.test': {} },
      'origins "https://CDN.test": expected one section for https://cdn.test, got two',
    ],
    [
      { [cdn]: { perOrigin: 0 } },
      'origins "https://cdn.test": perOrigin: expected a whole number from 1 to 1024, got 0',
    ],
    [
      { [cdn]: { perOrign: 1 } },
      'origins "https://cdn.test": perOrign: no such option; did you mean perOrigin?',
    ],
    [
      { [cdn]: { digest: 'md5' } },
      'origins "https://cdn.test": digest: holds for the whole run; expected one of perOrigin, bwlimit, segment, tpslimit, pool, poolName, poolUser, poolWeight, userBwlimit, userTpslimit, quota, quotaZone, poolLost, timeout, stallTimeout, minRate, maxTime, headers, provider, unitlimit, userUnitlimit, unitCosts, pushBack',
    ],
  ]
  for (const [given, message] of cases)
    t.throws(() => readOrigins(given), { code: 'ERR_OPTION', scope: 'run', message }, message)
})

t.test('neither a password in the name of a section nor what may hold a header is shown', async t => {
  const line = 'Authorization: Bearer s3cret'
  for (const given of [
    line,
    [{ headers: { Authorization: 's3cret' } }],
    { 'https://me:s3cret@cdn.test': {} },
    { [cdn]: line },
    { [cdn]: [line] },
    { [cdn]: { headers: 's3cret' } },
    { [cdn]: { bwlimit: { Authorization: 's3cret' } } },
    { [cdn]: { pool: 'http://me:s3cret@redis.test' } },
  ])
    t.throws(() => readOrigins(given), { code: 'ERR_OPTION', message: /^(?!.*s3cret)/ })
})

t.test('what an origin shares with other processes needs a pool, and what it has alone does not', async t => {
  const needOf = (section: object) => whatNeedsPool(readOrigins({ [cdn]: section }).get(cdn) ?? {})
  t.equal(
    needOf({ bwlimit: '1mbit', tpslimit: 5, perOrigin: 2, headers: { a: 'b' }, timeout: '1m' }),
    undefined,
  )
  t.equal(needOf({ pool: 'local:' }), 'pool')
  t.equal(needOf({ tpslimit: 5, userTpslimit: 2 }), 'userTpslimit')
  t.equal(needOf({ unitCosts: { '/**': 5 } }), 'unitCosts')
  t.equal(needOf({ quota: '5/d', provider: 'box' }), 'provider')
})
