import t from 'tap'
import { unitCosts, unitsOf } from '../../lib/options/unit-costs.js'

const costOf = (given: object, method: string, path: string): number =>
  unitsOf(unitCosts.read(given) ?? [], method, new URL(path, 'https://api.test'))

t.test('a request costs what the first sort says that it is of', async t => {
  const drive = {
    'GET /v3/files/*?alt=media': 200,
    'GET /v3/files/*': 5,
    'HEAD /**': 2,
    '/v3/files': 100,
    '/a.b': 0,
  }
  const cases: [method: string, path: string, units: number][] = [
    ['GET', '/v3/files/1?x=1&alt=media', 200],
    ['GET', '/v3/files/1?alt=json', 5],
    ['GET', '/v3/files/1/export', 1],
    ['HEAD', '/v3/files/1?alt=media', 2],
    ['GET', '/v3/files?q=x', 100],
    ['GET', '/v3/filesystem', 1],
    ['GET', '/a.b', 0],
    ['GET', '/aXb', 1],
  ]
  for (const [method, path, units] of cases) t.equal(costOf(drive, method, path), units, `${method} ${path}`)
})

t.test('one star ends at a slash, two do not', async t => {
  t.equal(costOf({ '/a/*/c': 7 }, 'GET', '/a/b/c'), 7)
  t.equal(costOf({ '/a/*/c': 7 }, 'GET', '/a/b/b/c'), 1)
  t.equal(costOf({ '/a/**/c': 7 }, 'GET', '/a/b/b/c'), 7)
})

t.test('what is no cost, or of no sort that is ever sent, is refused', async t => {
  for (const given of [
    null,
    [],
    'x',
    5,
    { a: 1 },
    { 'POST /a': 1 },
    { '/a': -1 },
    { '/a': '1' },
    { '/a': Number.NaN },
  ])
    t.equal(unitCosts.read(given), undefined, JSON.stringify(given))
  t.strictSame(unitCosts.read({}), [])
})
