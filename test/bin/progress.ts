import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { openLog } from '../../bin/log.js'
import { tellProgress } from '../../bin/progress.js'
import { progressLine } from '../../bin/progress-line.js'
import { terminalOf } from '../../bin/terminal.js'
import { linesOf } from '../../fixtures/command.js'
import { until } from '../../fixtures/until.js'
import type { Progress } from '../../lib/index.js'

const progress: Progress = {
  entries: 3,
  read: 10,
  total: undefined,
  inFlight: 6,
  waiting: { cap: 0, request: 0, origin: 0, retry: 0, slot: 1 },
  stored: 3,
  skipped: {},
  failed: { ERR_DNS: 1 },
  bytesStored: 4096,
  bytesSaved: 0,
  rate: 6.25e6,
  cap: Number.POSITIVE_INFINITY,
  bytesReceived: 5 * 1024 * 1024,
}

/** A stderr of some kind with the progress of a run on it, what was written there, and its size. */
const start = (
  t: Test,
  { isTTY, everyMs = 1e9 }: { isTTY: boolean; everyMs?: number },
  env: NodeJS.ProcessEnv,
) => {
  const stderr = new PassThrough()
  const size = { isTTY, columns: 60 }
  const terminal = terminalOf(size, env)
  const log = openLog({ level: 'info', stderr, terminal })
  const told = tellProgress(() => progress, { stderr, terminal, log, everyMs })
  t.teardown(told.stop)
  return { ...told, size, said: () => String(stderr.read() ?? ''), stderr }
}

const line = progressLine(progress, { columns: 60 })

t.test('a line that was drawn makes room, and is gone at the end', async t => {
  const { said, clear, stop } = start(t, { isTTY: true }, { NO_COLOR: '1' })
  t.equal(said(), `\r\x1b[K${line}`)
  clear()
  t.equal(said(), '\r\x1b[K')
  clear()
  stop()
  t.equal(said(), '', 'what is clear is not cleared again')
})

t.test('a line is drawn anew, and in the width that the terminal has by then', async t => {
  const { said, size, stderr } = start(t, { isTTY: true }, { NO_COLOR: '1' })
  said()
  size.columns = 40
  await until(() => stderr.readableLength > 0)
  t.equal(
    said(),
    `\x1b[1A\r\x1b[J${progressLine(progress, { columns: 40 })}`,
    'the old one stands in two rows now',
  )
})

t.test('failures are in colour, which does not count as width', async t => {
  const { said, size, clear } = start(t, { isTTY: true }, {})
  t.equal(said(), `\r\x1b[K${line.replace('1 failed', '\x1b[31m1 failed\x1b[39m')}`)
  size.columns = line.length
  clear()
  t.equal(said(), '\r\x1b[K')
})

t.test('where no line can be drawn anew there is one now and then, without any escape sequence', async t => {
  for (const [isTTY, env] of [
    [true, { TERM: 'dumb' }],
    [false, {}],
  ] as const) {
    const { said, clear, stop, stderr } = start(t, { isTTY, everyMs: 1 }, env)
    const first = said()
    t.notMatch(first.trimEnd(), /[\p{Cc}]/u)
    t.equal(first === '', isTTY, 'on a terminal nothing is said before something has happened')
    clear()
    t.equal(said(), '', 'there is nothing to clear')
    await until(() => stderr.readableLength > 0)
    stop()
    const all = (first + said()).trimEnd().split('\n')
    t.ok(all.length >= (isTTY ? 1 : 2))
    if (isTTY) for (const each of all) t.ok(each.endsWith(` info  ${line}`), each)
    else {
      const [{ level, time, msg, ...facts } = {}] = linesOf(first)
      t.match({ level, time, msg }, { level: 'info', time: String, msg: 'progress' })
      const { total, ...known } = progress
      t.strictSame(facts, { ...known, cap: null })
    }
  }
})
