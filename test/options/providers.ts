import t from 'tap'
import { readOrigins } from '../../lib/options/origins.js'
import { providers } from '../../lib/options/providers.js'
import { unitsOf } from '../../lib/options/unit-costs.js'

const api = 'https://www.googleapis.com'

t.test('what is known of each provider is a section as one could write it', async t => {
  for (const provider of Object.keys(providers)) {
    const section = readOrigins({ [api]: { provider } }).get(api)
    t.equal(section?.provider, provider)
    t.equal(section?.pushBack, 'user')
  }
})

t.test("Google Drive's minutes and days are in units, of which a download costs the most", async t => {
  const drive = readOrigins({ [api]: { provider: 'google-drive' } }).get(api)
  const costs = drive?.unitCosts ?? []
  t.equal(drive?.unitlimit, 1_000_000 / 60)
  t.equal(drive?.userUnitlimit, 325_000 / 60)
  t.strictSame(drive?.quota, [
    { of: 'bytes', limit: 1e12, per: 'day' },
    { of: 'units', limit: 4e8, per: 'day' },
  ])
  for (const [path, units] of [
    ['/drive/v3/files/1?alt=media', 200],
    ['/drive/v3/files/1', 5],
    ['/drive/v3/files?q=x', 100],
    ['/drive/v3/about', 5],
  ] as const)
    t.equal(unitsOf(costs, 'GET', new URL(path, api)), units, path)
})

t.test('a section wins over what is known of its provider, and its costs come first', async t => {
  const section = readOrigins({
    [api]: {
      provider: 'google-drive',
      quota: '5TB/d',
      unitCosts: { '/drive/v3/about': 1 },
      pushBack: 'pool',
    },
  }).get(api)
  t.strictSame(section?.quota, [{ of: 'bytes', limit: 5e12, per: 'day' }])
  t.equal(section?.pushBack, 'pool')
  t.equal(section?.userUnitlimit, 325_000 / 60)
  const costOf = (path: string) => unitsOf(section?.unitCosts ?? [], 'GET', new URL(path, api))
  t.strictSame(['/drive/v3/about', '/drive/v3/changes'].map(costOf), [1, 100])
})
