import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { timed } from '../../bench/core/timed.js'
import { unproved } from '../../fixtures/unproved.js'
import { until } from '../../fixtures/until.js'

/** Also where nobody has asked yet how it ended. */
const isGone = (pid: number): boolean => {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

const hasTime = existsSync('/usr/bin/time')

t.test('a command is run to its end, and what it cost is told', async t => {
  if (!hasTime) return unproved(t, 'GNU time is not installed')
  const script = `
    const bytes = Buffer.alloc(64 * 1024 * 1024, 1)
    for (const until = Date.now() + 300; Date.now() < until; );
    process.stdin.pipe(process.stdout)
    process.stderr.write('said')
    process.stdin.on('end', () => { process.exitCode = bytes[0] + 2 })`
  const output = join(t.testdir(), 'output')
  const cost = await timed([process.execPath, '-e', script], { input: ['one\n', 'two\n'], output })
  t.equal(cost.code, 3)
  t.equal(cost.stderr, 'said')
  t.equal(readFileSync(output, 'utf8'), 'one\ntwo\n')
  t.ok(cost.wallMs >= 300)
  t.ok(cost.cpuMs >= 250, 'it was busy')
  t.ok(cost.peakBytes > 64 * 1024 ** 2)
  t.equal(cost.cpuMs, cost.userMs + cost.systemMs)
})

t.test('it has the environment it is given, but none of what sluice reads there', async t => {
  if (!hasTime) return unproved(t, 'GNU time is not installed')
  process.env['SLUICE_BWLIMIT'] = '1mbit'
  t.teardown(() => delete process.env['SLUICE_BWLIMIT'])
  let said = ''
  const output = (chunk: Buffer): void => {
    said += chunk
  }
  await timed(['sh', '-c', 'echo "$SLUICE_BWLIMIT,$MORE"'], { env: { MORE: 'more' }, output })
  t.equal(said, ',more\n')
})

t.test('an abort ends it and all that it started', async t => {
  if (!hasTime) return unproved(t, 'GNU time is not installed')
  const abort = new AbortController()
  let child = 0
  const output = (chunk: Buffer): void => {
    child = Number(chunk)
    abort.abort()
  }
  const command = ['sh', '-c', 'sleep 600 & echo $!; wait']
  await t.rejects(timed(command, { output, signal: abort.signal }), { name: 'AbortError' })
  await until(() => isGone(child))
  t.pass('the one in the background, too')
})
