import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { everySplit, type Reading, readChunks } from '../../fixtures/read-manifest.js'
import { jsonReader } from '../../lib/sources/json.js'
import { parseSelect } from '../../lib/sources/select.js'

const start = { offset: 0, line: 1 }
const read = (chunks: readonly (string | Uint8Array)[], select?: string): Reading =>
  readChunks(
    emit => jsonReader({ start, emit, ...(select !== undefined && { select: parseSelect(select) }) }),
    chunks,
  )

/** Reads the text whole, after having made sure that no chunk border changes what comes of it. */
const readSplit = (t: Test, text: string | Buffer, select?: string): Reading => {
  const bytes = Buffer.from(text)
  const whole = read([bytes], select)
  for (const chunks of everySplit(bytes)) {
    const parts = read(chunks, select)
    if (!isDeepStrictEqual(parts, whole)) t.strictSame(parts, whole, `cut after ${chunks[0]}`)
  }
  return whole
}

t.test('rows are what JSON.parse gives, however the document is laid out and cut', async t => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ maxDepth: 4 })),
      fc.constantFrom('', ' ', '\t', '\r\n  '),
      fc.array(fc.nat(40)),
      (values, indent, cuts) => {
        const text = indent + JSON.stringify(values, null, indent) + indent
        const bytes = Buffer.from(text)
        const chunks: Buffer[] = []
        let from = 0
        for (const cut of cuts) {
          chunks.push(bytes.subarray(from, from + cut))
          from += cut
        }
        t.ok(isDeepStrictEqual(read([...chunks, bytes.subarray(from)]), { rows: JSON.parse(text) }), text)
      },
    ),
  )
})

t.test(
  'a document is accepted exactly where JSON.parse accepts it, and blamed where it stops making sense',
  async t => {
    const sample = '[{"a":"x\\n\\u00e9\\\\","b":[1.5e-3,-0,true]},"é\\"",null , {"":{}},false]'
    fc.assert(
      fc.property(
        fc.nat(sample.length),
        fc.nat(3),
        fc.constantFrom('', ...'[]{},:"\\ut0-.eE+\u0001 é🍰'),
        (at, length, inserted) => {
          const text = sample.slice(0, at) + inserted + sample.slice(at + length)
          const { rows, fault, offset } = read([text])
          let parsed: unknown
          try {
            parsed = JSON.parse(text)
          } catch {}
          if (Array.isArray(parsed))
            return t.strictSame({ rows, fault }, { rows: parsed, fault: undefined }, text)
          if (offset === undefined) return t.fail(`accepted ${text}`)
          const before = Buffer.from(text).subarray(0, offset)
          const again = read([before])
          return t.ok(again.fault === undefined || again.offset === offset, `${fault} in ${text}`)
        },
      ),
      { numRuns: 500 },
    )
  },
)

t.test('a fault is at the byte where it begins, after the rows before it', async t => {
  const cases: [text: string, rows: unknown[], fault: string, offset: number][] = [
    ['["é",nope, "b", "c", "d", "e"]', ['é'], 'unexpected "n"', 6],
    ['["é",nope]', ['é'], 'unexpected "n"', 6],
    ['["a" "b"]', ['a'], 'unexpected "\\""', 5],
    ['["a",]', ['a'], 'unexpected "]"', 5],
    ['["🍰",🍰]', ['🍰'], 'unexpected "🍰"', 8],
    ['["a","\\x41 and more"]', ['a'], 'unexpected "\\\\"', 6],
    ['["a","b\nc and more"]', ['a'], 'unexpected "\\n"', 7],
    ['["a",01 ]', ['a'], 'unexpected "1"', 6],
    ['["a"] x', ['a'], 'unexpected "x"', 6],
    ['["a"]["b"]', ['a'], 'unexpected "["', 5],
    ['["a"]]', ['a'], 'unexpected "]"', 5],
    ['["a"]\ufeff', ['a'], 'unexpected "\ufeff"', 5],
  ]
  for (const [text, rows, fault, offset] of cases)
    t.strictSame(
      readSplit(t, text),
      { rows, fault: `${fault} (at byte ${offset} of the manifest)`, offset },
      text,
    )
})

t.test('a document that is cut anywhere ends where it is cut, after all whole rows', async t => {
  const text = '[{"a":"x\\n\\u00e9"}, "é", -1.5e3, true, null, false, [{}]] '
  const rows = JSON.parse(text) as unknown[]
  const bytes = Buffer.from(text)
  for (let length = 1; length < bytes.length - 1; length++) {
    const cut = bytes.subarray(0, length)
    const { fault, offset, rows: before } = read([cut])
    const inside = cut[length - 1] === 0xc3
    t.equal(offset, inside ? length - 1 : length, `${cut}`)
    t.match(fault, inside ? /ends inside a character/ : /ends before it is whole/)
    t.strictSame(before, rows.slice(0, before.length))
  }
  t.strictSame(read([bytes.subarray(0, -1)]), { rows })
})

t.test('invalid UTF-8 is a fault at its first byte', async t => {
  const bytes = Buffer.concat([Buffer.from('["é","b'), Buffer.of(0xff), Buffer.from('"]')])
  const fault = 'the document is not valid UTF-8 (at byte 9 of the manifest)'
  t.strictSame(readSplit(t, bytes), { rows: ['é'], fault: fault.replace('9', '8'), offset: 8 })
  t.match(readSplit(t, Buffer.concat([Buffer.from('["a", tr'), Buffer.of(0xc0, 0x80)])), {
    rows: ['a'],
    offset: 8,
  })
})

t.test('nesting, a plain value on the way and a wrong top level are faults at their first byte', async t => {
  const before = '["\\"{é",[12,-3.5,true,"\\\\"],{"k\\"[":false,"l":null},"]"'
  const deep = `${before},${'['.repeat(70)}`
  t.match(readSplit(t, deep), { fault: /deeper than 64/, offset: Buffer.byteLength(before) + 64 })
  const scalar = `{"z":${before}],"p":[{"i":"a"},true,`
  for (const value of ['7', '"x"', 'true', 'false'])
    t.match(readSplit(t, `${scalar}${value} ]}`, 'p.*.i'), {
      rows: ['a'],
      fault: /--select goes on/,
      offset: Buffer.byteLength(`{"z":${before}],"p":[{"i":"a"},`),
    })
  t.match(readSplit(t, ' {"a":1}'), { rows: [], fault: /--select/, offset: 1 })
})

t.test('offsets count what stood before the reader started', async t => {
  const open = readChunks(emit => jsonReader({ start: { offset: 5, line: 2 }, emit }), ['["a" x'])
  t.equal(open.offset, 10)
})

t.test('a path that nothing in the whole document matches is a fault at its end', async t => {
  t.match(readSplit(t, '{"a":[{"b":1}]}', 'a.*.c'), { rows: [], fault: /matches --select/, offset: 15 })
  t.match(readSplit(t, 'null'), { rows: [], fault: /expected an array of entries, got a plain value/ })
  t.strictSame(readSplit(t, '{"a":[]}', 'a.*'), { rows: [] })
})

t.test('rows come as soon as they are whole', async t => {
  const rows: unknown[] = []
  const reader = jsonReader({ start, emit: row => rows.push(row) })
  reader.write(Buffer.from('[{"a":1}'))
  t.strictSame(rows, [{ a: 1 }])
  reader.write(Buffer.from(',"b"'))
  t.strictSame(rows, [{ a: 1 }, 'b'])
})

t.test('a chunk of many pieces is read like its pieces', async t => {
  const values = Array.from({ length: 20_000 }, (_, index) => ({ url: `http://é/${index}` }))
  t.ok(isDeepStrictEqual(read([JSON.stringify(values)]), { rows: values }))
})

t.test('no entry, however large, is read further than its limit', async t => {
  const endless = {
    string: ['["', 'a'],
    blanks: ['["', ' '],
    key: ['[{"', 'a'],
    number: ['[', '1'],
    nesting: ['', '['],
  }
  for (const [name, [opening = '', repeated = '']] of Object.entries(endless)) {
    const chunk = Buffer.alloc(64 * 1024, repeated)
    const reader = jsonReader({ start, emit: () => t.fail('no row') })
    let taken = 0
    const feed = (): void => {
      reader.write(Buffer.from(opening))
      for (; taken < 100 * 2 ** 20; taken += chunk.length) reader.write(chunk)
    }
    t.throws(feed, { code: 'ERR_MANIFEST' }, name)
    t.ok(taken <= 2 ** 20 + chunk.length, `${name}: ${taken} bytes`)
  }
})

t.test('what is no JSON at all, although --select says so, is told with the reason', async t => {
  const cases: [text: string, fault: string][] = [
    [
      'http://a',
      'unexpected "h"; with --select the manifest has to be one JSON document (at byte 0 of the manifest)',
    ],
    ['{"a":x}', 'unexpected "x" (at byte 5 of the manifest)'],
  ]
  for (const [text, fault] of cases) t.match(read([text], 'a'), { rows: [], fault })
})
