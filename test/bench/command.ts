import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { checkout, sluice } from '../../bench/core/command.js'

const repository = join(import.meta.dirname, '../..')

t.test('what is measured is what the repository built, or what BENCH_SLUICE names', async t => {
  t.equal(checkout(), repository)
  t.strictSame(sluice(), [process.execPath, join(repository, 'dist/bin/sluice.js')])
  process.env['BENCH_SLUICE'] = '/elsewhere/sluice.js'
  t.teardown(() => delete process.env['BENCH_SLUICE'])
  t.equal(sluice()[1], '/elsewhere/sluice.js')
})

t.test('a bench tells of its flags, and of a wrong one in one line', async t => {
  for (const name of ['speed', 'scale']) {
    const run = (...args: string[]) => {
      const file = join(repository, `dist/bench/${name}.js`)
      const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' })
      return { status, stdout, stderr }
    }
    t.match(run('--help'), {
      status: 0,
      stdout: /--quick .*--only PATTERN .*--runs N .*--dir VALUE/s,
      stderr: '',
    })
    for (const wrong of [['--quik'], ['--runs', 'many'], ['--only', '('], ['something']])
      t.match(run(...wrong), { status: 2, stdout: '', stderr: /^[^\n]+\n$/ }, wrong.join(' '))
  }
})
