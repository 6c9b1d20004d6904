import { Writable } from 'node:stream'
import { setImmediate, setTimeout } from 'node:timers/promises'
import t from 'tap'
import { type Output, output } from '../../bin/output.js'
import { SyncError } from '../../lib/index.js'

/** A stdout whose reader takes nothing until it is told to. */
const slowStdout = () => {
  const taken: string[] = []
  let take: (() => void) | undefined
  const stdout = new Writable({
    highWaterMark: 16 * 1024,
    write(chunk, _encoding, callback) {
      taken.push(String(chunk))
      take = callback
    },
  })
  return { stdout, taken, take: () => take?.() }
}

const failingStdout = (code: string) =>
  new Writable({
    write(_chunk, _encoding, callback) {
      callback(Object.assign(new Error(`${code}: no more`), { code }))
    },
  })

t.test('lines of one turn leave together, those of the next turn after them', async t => {
  const { stdout, taken, take } = slowStdout()
  const lines = output(stdout)
  t.equal(lines.write('a\n'), undefined)
  t.equal(lines.write('b\n'), undefined)
  t.strictSame(taken, [])
  await setImmediate()
  t.strictSame(taken, ['a\nb\n'])
  void lines.write('c\n')
  await setImmediate()
  take()
  await setImmediate()
  t.strictSame(taken, ['a\nb\n', 'c\n'])
})

t.test('many lines do not wait for the turn to end', async t => {
  const { stdout, taken } = slowStdout()
  const lines = output(stdout)
  void lines.write('x'.repeat(40_000))
  t.equal(taken.length, 1)
})

t.test('a reader who does not take lines is waited for, and nothing piles up meanwhile', async t => {
  const { stdout, taken, take } = slowStdout()
  const lines = output(stdout)
  const line = `${'x'.repeat(200)}\n`
  let written = 0
  let waiting: Promise<void> | undefined
  // A few lines each turn: none of the groups is large.
  while (!waiting && written < 10_000) {
    waiting = lines.write(line)
    written++
    if (written % 10 === 0) await setImmediate()
  }
  t.ok(written < 1_000, `${written} lines were taken before the writer had to wait`)
  t.ok(stdout.writableLength < 64 * 1024, `${stdout.writableLength} bytes wait in stdout`)
  const end = lines.end()
  let isOver = false
  void end.then(() => {
    isOver = true
  })
  while (!isOver) {
    take()
    await setImmediate()
  }
  await waiting
  t.equal(taken.join(''), line.repeat(written), 'and all of it comes out in the end')
})

const lossOf = async (stdout: Writable): Promise<{ lines: Output; heard: unknown[] }> => {
  const heard: unknown[] = []
  const lines = output(stdout, { onLost: reason => heard.push(reason) })
  void lines.write('x'.repeat(40_000))
  await lines.end()
  return { lines, heard }
}

t.test('a closed stdout is an interruption by EPIPE, and lines are dropped from then on', async t => {
  const { lines, heard } = await lossOf(failingStdout('EPIPE'))
  t.match(lines.lost, { code: 'ERR_ABORTED', cause: 'EPIPE' })
  t.strictSame(heard, [lines.lost], 'heard of once')
  t.equal(lines.write('more\n'), undefined)
  await lines.end()
})

t.test('a stdout that cannot be written is a destination that cannot be used', async t => {
  const { lines } = await lossOf(failingStdout('ENOSPC'))
  t.match(lines.lost, { code: 'ERR_DESTINATION', message: 'stdout: ENOSPC: no more' })
})

t.test('a loss that shows only at the end counts as well', async t => {
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      callback(chunk.length > 0 ? null : Object.assign(new Error('gone'), { code: 'EPIPE' }))
    },
  })
  const lines = output(stdout)
  void lines.write('a\n')
  await lines.end()
  t.match(lines.lost, { cause: 'EPIPE' })
})

t.test(
  'where there is a hurry, a reader who takes nothing counts as gone, and one who goes on does not',
  async t => {
    const hurried = new SyncError('ERR_ABORTED', 'not read', { cause: 'SIGTERM' })
    const { stdout, taken, take } = slowStdout()
    const lines = output(stdout, { patienceMs: 20 })
    const waiting = lines.write('x'.repeat(40_000))
    lines.hurry(hurried)
    for (let n = 0; n < 8; n++) {
      await setTimeout(5)
      take()
      void lines.write('x'.repeat(40_000))
    }
    await waiting
    t.equal(lines.lost, undefined)
    t.ok(taken.length > 5, `${taken.length} groups were taken`)
    void lines.write('more\n')
    await lines.end()
    t.equal(lines.lost, hurried, 'and the end waits for it no longer')
  },
)

t.test('whoever shares the screen is told before lines are written', async t => {
  const { stdout, taken } = slowStdout()
  const order: string[] = []
  const lines = output(stdout, { beforeWrite: () => order.push(`before ${taken.length}`) })
  void lines.write('a\n')
  await setImmediate()
  t.strictSame(order, ['before 0'])
})
