import { PassThrough } from 'node:stream'
import t from 'tap'
import { openLog } from '../../bin/log.js'
import { terminalOf } from '../../bin/terminal.js'

/** A log on a stderr of some kind. */
const logOf = (level: string, isTTY: boolean, env: NodeJS.ProcessEnv = { NO_COLOR: '1' }) => {
  const stderr = new PassThrough()
  const terminal = terminalOf({ isTTY, columns: 80 }, env)
  return { stderr, log: openLog({ level, stderr, terminal }) }
}

const hostile = 'got "http://user:pass@host/a?token=s3cret" \x1b[2J\u202e\u0085 from https://user:p"w@h/x'

t.test('for machines every line is JSON, with the level by name and the time in UTC', async t => {
  const { stderr, log } = logOf('info', false)
  log.debug('not said')
  log.info({ entries: 1 }, 'summary')
  const [line = '', rest] = String(stderr.read()).split('\n')
  t.equal(rest, '')
  const { time, ...said } = JSON.parse(line) as Record<string, unknown>
  t.strictSame(said, { level: 'info', entries: 1, msg: 'summary' })
  t.equal(new Date(String(time)).toISOString(), time)
})

t.test('on a terminal every line is for people', async t => {
  const { stderr, log } = logOf('debug', true)
  log.warn({ origin: 'h', waitMs: 5 }, 'held')
  const [before, line = ''] = String(stderr.read()).split('\x1b[K')
  t.equal(before, '\r', 'in the place of a progress line')
  t.match(line, /^\d\d:\d\d:\d\d warn {2}held origin=h waitMs=5\n$/)
})

t.test('the time on a terminal is that of where it stands', async t => {
  const { TZ } = process.env
  t.teardown(() => (TZ === undefined ? delete process.env['TZ'] : Object.assign(process.env, { TZ })))
  process.env['TZ'] = 'Asia/Kolkata'
  const hour = () => new Date().toTimeString().slice(0, 5)
  const { stderr, log } = logOf('info', true, { TERM: 'dumb' })
  const before = hour()
  log.info('now')
  t.ok([before, hour()].includes(String(stderr.read()).slice(0, 5)))
})

t.test(
  'what needs attention is in colour where there is one, and a dumb terminal gets no escapes',
  async t => {
    const cases: [env: NodeJS.ProcessEnv, level: 'info' | 'warn' | 'error', line: string][] = [
      [{}, 'info', '\r\x1b[K00:00:00 info  x\n'],
      [{}, 'warn', '\r\x1b[K00:00:00 \x1b[33mwarn \x1b[39m x\n'],
      [{}, 'error', '\r\x1b[K00:00:00 \x1b[31merror\x1b[39m x\n'],
      [{ NO_COLOR: '1' }, 'error', '\r\x1b[K00:00:00 error x\n'],
      [{ TERM: 'dumb' }, 'error', '00:00:00 error x\n'],
    ]
    for (const [env, level, line] of cases) {
      const { stderr, log } = logOf('info', true, env)
      log[level]('x')
      t.equal(String(stderr.read()).replace(/\d\d:\d\d:\d\d/, '00:00:00'), line)
    }
  },
)

for (const isTTY of [false, true])
  t.test(
    `no line ${isTTY ? 'on a terminal' : 'for machines'} tells a secret or steers a terminal`,
    async t => {
      const { stderr, log } = logOf('trace', isTTY)
      log.error({ url: hostile, error: { message: hostile } }, hostile)
      const line = String(stderr.read()).replace('\r\x1b[K', '')
      t.notMatch(line, /user|pass|s3cret|p"w/)
      t.notMatch(line.slice(0, -1), /[\p{Cc}\p{Bidi_Control}]/u)
      t.match(line, 'http://host/a?…')
    },
  )
