import fc from 'fast-check'
import t from 'tap'
import { everySplit, type Reading, readChunks } from '../../fixtures/read-manifest.js'
import { brokenLine, lineReader } from '../../lib/sources/lines.js'

const start = { offset: 0, line: 1 }
const toRow = (line: string, number: number): string => `${number} ${line}`
const read = (...chunks: (string | Uint8Array)[]): Reading =>
  readChunks(emit => lineReader({ start, toRow, emit }), chunks)

t.test('every line is a row, numbered from where the reader starts', async t => {
  t.strictSame(read('a\nb\nc').rows, ['1 a', '2 b', '3 c'])
  t.strictSame(read('a\nb\n').rows, ['1 a', '2 b'])
  const later = { offset: 9, line: 5 }
  t.strictSame(readChunks(emit => lineReader({ start: later, toRow, emit }), ['a']).rows, ['5 a'])
})

t.test('blank lines are no rows, but count', async t => {
  t.strictSame(read('\n\r\n \t\na\r\n\nb').rows, ['4 a\r', '6 b'])
  t.strictSame(read('').rows, [])
})

t.test('undefined stands for no row', async t => {
  t.strictSame(readChunks(emit => lineReader({ start, toRow: () => undefined, emit }), ['a\nb']).rows, [])
})

t.test('chunk borders change nothing', async t => {
  const bytes = Buffer.concat([Buffer.from('é\r\n\n日本\n'), Buffer.of(0xff), Buffer.from('\n🍰\nend')])
  const whole = read(bytes)
  t.strictSame(whole.rows, ['1 é\r', '3 日本', '! line 4 is not valid UTF-8', '5 🍰', '6 end'])
  for (const chunks of everySplit(bytes)) t.strictSame(read(...chunks), whole)
  fc.assert(
    fc.property(fc.array(fc.array(fc.constantFrom('a', 'é', '\n', '\r', '🍰'))), chunks => {
      const texts = chunks.map(chunk => chunk.join(''))
      t.strictSame(read(...texts), read(texts.join('')))
    }),
    { numRuns: 50 },
  )
})

t.test('a line of 1 MiB is read, a longer one is one broken row, and the next line is a row', async t => {
  const most = 'x'.repeat(1024 * 1024)
  const long = '! line 2 is over 1 MiB'
  t.strictSame(read(`a\n${most}\nb`).rows, ['1 a', `2 ${most}`, '3 b'])
  t.strictSame(read(`a\n${most}x\nb`).rows, ['1 a', long, '3 b'], 'within a chunk')
  t.strictSame(read('a\n', most, 'x', 'x', '\nb').rows, ['1 a', long, '3 b'], 'over several chunks')
  t.strictSame(read('a\n', most, 'xx').rows, ['1 a', long], 'without a final newline')
  t.strictSame(read(`a\n${'é'.repeat(600_000)}\nb`).rows, ['1 a', long, '3 b'], 'the limit is in bytes')
})

t.test('an endless line is read in flat memory', async t => {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  const before = process.memoryUsage().arrayBuffers
  let peak = 0
  const chunks = function* (): Generator<Buffer> {
    for (let sent = 0; sent < 1024 ** 3; sent += chunk.length) {
      yield chunk
      if (sent % 2 ** 24 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers)
    }
    yield Buffer.from('\nnext')
  }
  const rows: unknown[] = []
  const reader = lineReader({ start, toRow, emit: row => rows.push(row) })
  for (const bytes of chunks()) reader.write(bytes)
  reader.end()
  t.match(rows, [{ row: 'x'.repeat(200) }, '2 next'])
  t.equal(rows.length, 2)
  t.ok(peak - before < 16 * 2 ** 20, `${peak - before} bytes more than before`)
})

t.test('a line that comes byte by byte is held in little more than its bytes', async t => {
  const byte = Buffer.from('x')
  const line = Array.from({ length: 5000 }, () => byte)
  t.strictSame(read(...line, '\nb').rows, [`1 ${'x'.repeat(5000)}`, '2 b'])
})

t.test('a broken line keeps its first 200 characters', async t => {
  const { row, error } = brokenLine(7, 'is odd', 'y'.repeat(300))
  t.equal(row, 'y'.repeat(200))
  t.match(error, { code: 'ERR_ENTRY_INVALID', message: 'line 7 is odd' })
})
