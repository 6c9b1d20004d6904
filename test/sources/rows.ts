import { isMany } from 'stream-chain/core'
import { jsonParser, type Token } from 'stream-json/core/parser.js'
import t from 'tap'
import { rowsOf } from '../../lib/sources/rows.js'
import { parseSelect } from '../../lib/sources/select.js'

type Result = { rows: unknown[]; fault?: string; matched: boolean }

const build = (text: string, select?: string): Result => {
  const rows: unknown[] = []
  const { take, matched } = rowsOf({
    emit: row => rows.push(row),
    ...(select !== undefined && { select: parseSelect(select) }),
  })
  const parsed = jsonParser({ packValues: false })(text) as unknown
  for (const token of isMany(parsed) ? (parsed.values as Token[]) : []) {
    const fault = take(token)
    if (fault) return { rows, fault, matched: matched() }
  }
  return { rows, matched: matched() }
}

t.test('the elements of an array are rows, whatever they are', async t => {
  const text = '["a",{"b":[1,{"c":null}],"d":{}},[],[[]],-0,1.5e3,true,false,null,""]'
  t.strictSame(build(text), { rows: JSON.parse(text), matched: true })
  t.strictSame(build('[]'), { rows: [], matched: true })
})

t.test('anything but an array is a fault unless a path leads to the rows', async t => {
  for (const text of ['{"a":[]}', '"a"', '1 ', 'true ', 'null '])
    t.match(build(text), { rows: [], fault: /expected an array of entries/ }, text)
})

const cases: [path: string, text: string, rows: unknown[]][] = [
  [
    'products.*.images.*',
    '{"products":[{"images":["a",{"url":"b"}]},{"images":["c"]}]}',
    ['a', { url: 'b' }, 'c'],
  ],
  ['products.*.images.*', '{"products":{"x":{"images":{"y":"a","z":"b"}}}}', ['a', 'b']],
  ['a.b', '{"a":{"b":{"c":1},"d":2},"b":3}', [{ c: 1 }]],
  ['*', '["a","b"]', ['a', 'b']],
  ['*.url', '[{"url":"a","other":{"url":"x"}},{"url":"b"}]', ['a', 'b']],
  ['a.1', '{"a":["x","y","z"]}', ['y']],
  ['a.1', '{"a":{"1":"y"}}', ['y']],
  ['a.0.*', '{"a":[["x"],["y"]]}', ['x']],
  ['a', '{"a":"x","a":"y"}', ['x', 'y']],
  ['a.*', '{"z":[1,{"a":["no"]}],"a":["x"],"y":"a"}', ['x']],
  ['a.*', '{"a":[[],[["b"]],{"a":[1]}]}', [[], [['b']], { a: [1] }]],
  ['length', '{"length":"x"}', ['x']],
  ['__proto__.*', '{"__proto__":["x"]}', ['x']],
]
for (const [path, text, rows] of cases)
  t.test(`${path} finds its rows in ${text}`, async t => {
    t.strictSame(build(text, path), { rows, matched: true })
  })

t.test('a missing key or a null yields nothing', async t => {
  const text = '{"p":[{"i":["a"]},{},{"i":null},null,{"i":[null]}]}'
  t.strictSame(build(text, 'p.*.i.*'), { rows: ['a'], matched: true })
})

t.test('an empty array or object at a * counts as matched, a path that leads nowhere does not', async t => {
  t.equal(build('{"p":[]}', 'p.*').matched, true)
  t.equal(build('{"p":{}}', 'p.*').matched, true)
  t.equal(build('{"p":[{"i":[]}]}', 'p.*.i.*').matched, true)
  t.equal(build('{"p":[null]}', 'p.*').matched, true, 'a null where a row could be')
  t.equal(build('{"p":[{"i":["a"]}]}', 'p.*.typo.*').matched, false)
  t.equal(build('{"p":null}', 'p.*').matched, false)
  t.equal(build('{"p":[]}', 'p.0').matched, false)
  t.equal(build('null ', 'p').matched, false)
})

t.test('a plain value where the path goes on is a fault', async t => {
  for (const text of ['{"p":"a"}', '{"p":1}', '{"p":true}', '{"p":[]}'])
    t.match(build(text, 'p.*.i'), text.includes('[') ? { rows: [] } : { fault: /--select goes on/ }, text)
  t.match(build('{"p":[{"i":"a"},7,{"i":"b"}]}', 'p.*.i'), { rows: ['a'], fault: /--select goes on/ })
})

t.test('the last of equal keys wins, and __proto__ is a field', async t => {
  const [row] = build('[{"a":1,"__proto__":{"url":"x"},"a":2}]').rows as [Record<string, unknown>]
  t.strictSame(Object.keys(row), ['a', '__proto__'])
  t.equal(row['a'], 2)
  t.equal(row['url'], undefined)
  t.equal(Object.getPrototypeOf(row), Object.prototype)
})

t.test('64 levels are read, 65 are a fault, also where nothing is kept', async t => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  t.strictSame(build(nested(64)).rows, JSON.parse(nested(64)))
  t.match(build(nested(65)), { rows: [], fault: /deeper than 64/ })
  t.match(build(`{"x":${nested(64)}}`, 'y'), { fault: /deeper than 64/ })
})

t.test('an entry over 1 MiB is a fault, whatever it consists of', async t => {
  const mib = 1024 * 1024
  const entries = [
    `"${'a'.repeat(mib + 1)}"`,
    `{"${'k'.repeat(mib + 1)}":1}`,
    `[${'1'.repeat(mib + 1)} ]`,
    `[${'[],'.repeat(mib)}0]`,
    `[${'0,'.repeat(mib)}0]`,
    `{${'"":"",'.repeat(mib)}"":0}`,
    `[${'true,'.repeat(mib)}0]`,
  ]
  for (const entry of entries)
    t.match(build(`["first",${entry},"last"]`), { rows: ['first'], fault: 'an entry is over 1 MiB' })
  t.match(build(`{"${'k'.repeat(mib + 1)}":1}`, 'a'), { fault: 'an entry is over 1 MiB' }, 'a key on the way')
})

t.test('the limit is per entry, and what is passed over has none', async t => {
  const half = 'a'.repeat(600_000)
  t.equal(build(`["${half}","${half}",{"a":"${half}"},{"b":"${half}"}]`).rows.length, 4)
  const large = `[${'{"no":"a"},'.repeat(300_000)}"${half}${half}",null]`
  t.strictSame(build(`{"skip":${large},"p":["a"]}`, 'p.*').rows, ['a'])
  t.strictSame(build(`{"p":[${'{"no":1},'.repeat(600_000)}{"i":"a"}]}`, 'p.*.i').rows, ['a'])
  t.strictSame(build(`{"p":[${'null,'.repeat(1_200_000)}{"i":"a"}]}`, 'p.*.i').rows, ['a'])
})
