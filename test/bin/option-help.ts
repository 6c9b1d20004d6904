import t from 'tap'
import { rows } from '../../bin/command-table.js'
import { optionHelp } from '../../bin/option-help.js'

t.test('all that is known of an option is on its page', async t => {
  t.equal(
    optionHelp('perOrigin'),
    [
      '--per-origin N',
      '  assets in flight per origin',
      '',
      '  expected     a whole number from 1 to 1024',
      '  default      6',
      '  environment  SLUICE_PER_ORIGIN',
      '  config file  perOrigin, also in a section of origins',
      '  presets      initial 8, critical 2, high-latency 4',
      '  read on      sluice help cap, sluice help presets',
      '',
    ].join('\n'),
  )
})

t.test('what is not the case is not said', async t => {
  t.notMatch(optionHelp('out'), 'default')
  t.notMatch(optionHelp('out'), 'presets')
  t.match(optionHelp('out'), /^-o, --out DIR\n/)
  t.match(optionHelp('concurrency'), /config file {2}concurrency\n/)
  t.match(optionHelp('config'), 'SLUICE_CONFIG')
  for (const name of ['config', 'help', 'version'] as const) t.notMatch(optionHelp(name), 'config file  ')
  for (const name of ['help', 'version'] as const) t.notMatch(optionHelp(name), 'environment')
})

t.test('a page fits its columns', async t => {
  for (const [name] of rows)
    for (const columns of [80, 60])
      for (const line of optionHelp(name, columns).split('\n')) t.ok(line.length <= columns, line)
})
