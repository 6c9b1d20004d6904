import { PassThrough } from 'node:stream'
import type { WriteStream } from 'node:tty'
import t from 'tap'
import { openLog } from '../../bin/log.js'

const stderrOf = (isTTY: boolean) =>
  Object.assign(new PassThrough(), { isTTY }) as unknown as WriteStream & PassThrough

const hostile = 'got "http://user:pass@host/a?token=s3cret" \x1b[2J\u202e\u0085 from https://user:p"w@h/x'

t.test('for machines every line is JSON, with the level by name and the time in UTC', async t => {
  const stderr = stderrOf(false)
  const log = openLog({ level: 'info', stderr })
  log.debug('not said')
  log.info({ entries: 1 }, 'summary')
  const [line = '', rest] = String(stderr.read()).split('\n')
  t.equal(rest, '')
  const { time, ...said } = JSON.parse(line) as Record<string, unknown>
  t.strictSame(said, { level: 'info', entries: 1, msg: 'summary' })
  t.equal(new Date(String(time)).toISOString(), time)
})

t.test('on a terminal every line is for people', async t => {
  const stderr = stderrOf(true)
  openLog({ level: 'debug', stderr }).warn({ origin: 'h', waitMs: 5 }, 'held')
  const [before, line = ''] = String(stderr.read()).split('\x1b[K')
  t.equal(before, '\r', 'in the place of a progress line')
  t.match(line, /^\d\d:\d\d:\d\d warn {2}held origin=h waitMs=5\n$/)
})

for (const isTTY of [false, true])
  t.test(
    `no line ${isTTY ? 'on a terminal' : 'for machines'} tells a secret or steers a terminal`,
    async t => {
      const stderr = stderrOf(isTTY)
      openLog({ level: 'trace', stderr }).error({ url: hostile, error: { message: hostile } }, hostile)
      const line = String(stderr.read()).replace('\r\x1b[K', '')
      t.notMatch(line, /user|pass|s3cret|p"w/)
      t.notMatch(line.slice(0, -1), /[\p{Cc}\p{Bidi_Control}]/u)
      t.match(line, 'http://host/a?…')
    },
  )
