import fc from 'fast-check'
import t from 'tap'
import { parseContentRange } from '../../lib/http/content-range.js'

t.test('a range says where it is and of how much', t => {
  t.same(parseContentRange('bytes 0-99/1234'), { start: 0, end: 99, total: 1234 })
  t.same(parseContentRange('bytes 1233-1233/1234'), { start: 1233, end: 1233, total: 1234 })
  t.same(parseContentRange('bytes 5-9/*'), { start: 5, end: 9, total: undefined })
  t.same(parseContentRange('Bytes 0-0/1'), { start: 0, end: 0, total: 1 })
  t.same(parseContentRange('bytes 0-999999999999998/999999999999999'), {
    start: 0,
    end: 999999999999998,
    total: 999999999999999,
  })
  t.end()
})

t.test('an unsatisfied range says only how much there is', t => {
  t.same(parseContentRange('bytes */1234'), { unsatisfied: true, total: 1234 })
  t.same(parseContentRange('bytes */0'), { unsatisfied: true, total: 0 })
  t.end()
})

t.test('whatever is malformed or contradicts itself is refused', t => {
  for (const value of [
    undefined,
    '',
    'bytes',
    'bytes ',
    'bytes 0-99',
    'bytes 0-99/',
    'bytes -99/100',
    'bytes 0-/100',
    'bytes 10-9/100',
    'bytes 0-100/100',
    'bytes 0-0/0',
    'bytes */*',
    'bytes */',
    'bytes=0-99/100',
    'bytes: 0-99/100',
    'bytes  0-99/100',
    ' bytes 0-99/100',
    'bytes 0 - 99/100',
    'bytes 0-99/100 ',
    'bytes 0-99/+100',
    'bytes 0-99/1e3',
    'bytes 0-99/0x100',
    'items 0-99/100',
    'bytes 0-99/100, bytes 0-99/100',
    'bytes 0-9007199254740993/9007199254740994',
    'multipart/byteranges',
  ])
    t.equal(parseContentRange(value), undefined, String(value))
  t.end()
})

t.test('every range that exists is read back', t => {
  const size = fc.integer({ min: 1, max: 1e14 })
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), (total, a, b) => {
      const [start, end] = [Math.min(a, b) % total, 0]
      const last = Math.min(total - 1, start + (end || Math.abs(a - b)))
      t.same(parseContentRange(`bytes ${start}-${last}/${total}`), { start, end: last, total })
    }),
  )
  t.end()
})

t.test('any text is refused, or means what it says', t => {
  const nearly = fc.stringMatching(/^(?:bytes|BYTES|items)[ =]?[\d*/ +\-.]{0,20}$/)
  const number = fc.oneof(
    fc.nat(),
    fc.bigInt().map(String),
    fc.constantFrom('', '*', '00', '+1', '1e3', '9'.repeat(400)),
  )
  const built = fc
    .tuple(number, number, number)
    .map(([first, last, length]) => `bytes ${first}-${last}/${length}`)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly, built), value => {
      const parsed = parseContentRange(value)
      if (!parsed) return
      const digits = value.replace(/(?<!\d)0+(?=\d)/g, '').toLowerCase()
      if ('unsatisfied' in parsed) return t.equal(digits, `bytes */${parsed.total}`)
      const { start, end, total } = parsed
      t.ok(Number.isSafeInteger(start) && start <= end && end < (total ?? Number.MAX_SAFE_INTEGER))
      return t.equal(digits, `bytes ${start}-${end}/${total ?? '*'}`)
    }),
    { numRuns: 1000 },
  )
  t.end()
})

t.test('a megabyte is refused at once', t => {
  const started = performance.now()
  for (const part of ['0', '0-', ' ', '/'])
    t.equal(parseContentRange(`bytes ${part.repeat(1e6 / part.length)}`), undefined)
  t.ok(performance.now() - started < 2_000)
  t.end()
})
