import fc from 'fast-check'
import t from 'tap'
import { everySplit, type Reading, readChunks } from '../../fixtures/read-manifest.js'
import { ndjsonReader } from '../../lib/sources/ndjson.js'

const start = { offset: 3, line: 1 }
const read = (text: string, guessed = false): Reading =>
  readChunks(emit => ndjsonReader({ start, guessed, emit }), [text])

t.test('every line is the value that JSON.parse makes of it', async t => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), values => {
      const lines = values.map(value => JSON.stringify(value))
      t.strictSame(
        read(lines.join('\n')).rows,
        lines.map(line => JSON.parse(line)),
      )
    }),
  )
})

t.test('a line that is not one JSON value is one broken row, and reading goes on', async t => {
  t.strictSame(read('{"url":\n[1\n{} {}\n\u0000\n"http://a"\r\n').rows, [
    '! line 1 is not JSON',
    '! line 2 is not JSON',
    '! line 3 is not JSON',
    '! line 4 is not JSON',
    'http://a',
  ])
})

t.test('chunk borders change nothing', async t => {
  const bytes = Buffer.from('{"url":"http://é"}\r\n\n{"url"\n"🍰"')
  const whole = read(bytes.toString())
  t.strictSame(whole.rows, [{ url: 'http://é' }, '! line 3 is not JSON', '🍰'])
  for (const chunks of everySplit(bytes))
    t.strictSame(
      readChunks(emit => ndjsonReader({ start, guessed: true, emit }), chunks),
      whole,
    )
})

t.test('a line nested deeper than 64 levels is a broken row', async t => {
  const nested = (levels: number): string => '{"x":['.repeat(levels / 2) + ']}'.repeat(levels / 2)
  t.strictSame(read(nested(64)).rows, [JSON.parse(nested(64))])
  t.strictSame(read(nested(66)).rows, ['! line 1 is nested deeper than 64 levels'])
  t.strictSame(read('['.repeat(5e5) + ']'.repeat(5e5)).rows, ['! line 1 is nested deeper than 64 levels'])
  t.strictSame(read(`"${'['.repeat(100)}"`).rows, ['['.repeat(100)], 'brackets in strings are no nesting')
})

t.test(
  'a guess that the first line disproves is a fault with a hint, later lines are only broken',
  async t => {
    const fault = read('{\n  "products": []\n}', true)
    t.match(fault, { rows: [], fault: /--select/, offset: 3 })
    t.strictSame(read('{}\n{', true).rows, [{}, '! line 2 is not JSON'])
    t.strictSame(read('{\n{}').rows, ['! line 1 is not JSON', {}], 'no guess, no fault')
  },
)

t.test('a first line that is a document and no entry is one broken row that names --select', async t => {
  const hint = 'for entries inside one JSON document use --select'
  for (const document of ['{"products":[{"url":"http://a"}]}', '{"error":{"code":500}}'])
    t.strictSame(read(`${document}\n${document}`, true).rows, [
      `! the first line has no url; ${hint}`,
      JSON.parse(document),
    ])
  t.strictSame(read('{"error":"x"}', true).rows, [{ error: 'x' }], 'nothing is inside')
  t.strictSame(read('{"url":"http://a","tags":[]}', true).rows, [{ url: 'http://a', tags: [] }])
  t.strictSame(read('{"products":[]}').rows, [{ products: [] }], 'no guess, no hint')
})

t.test('a first line that is not UTF-8 or too long is a broken row even in a guess', async t => {
  const open = (chunks: Buffer[]): Reading =>
    readChunks(emit => ndjsonReader({ start, guessed: true, emit }), chunks)
  t.strictSame(open([Buffer.from('{"a":"\xff"}\n{}', 'latin1')]).rows, ['! line 1 is not valid UTF-8', {}])
  t.strictSame(open([Buffer.alloc(2 ** 20 + 1, '{'), Buffer.from('\n{}')]).rows, [
    '! line 1 is over 1 MiB; for entries inside one JSON document use --select',
    {},
  ])
})

t.test('__proto__ is a field like any other', async t => {
  const [row] = read('{"__proto__":{"url":"http://a"}}').rows as [Record<string, unknown>]
  t.ok(Object.hasOwn(row, '__proto__'))
  t.equal(row['url'], undefined)
})
