import t from 'tap'
import { help } from '../../bin/help.js'
import { helpOn } from '../../bin/help-on.js'
import { optionHelp } from '../../bin/option-help.js'
import { topics } from '../../bin/topics.js'

t.test('a topic shows its page, and general words the general help', async t => {
  for (const [topic, { text }] of topics) t.equal(helpOn(topic), `${text}\n`, topic)
  for (const word of [undefined, 'sync', 'plan', 'help', '-h', '--help']) t.equal(helpOn(word), help())
  t.equal(helpOn(undefined, 100), help(100))
})

t.test('an option is found by whatever it is called', async t => {
  for (const word of ['--per-origin', 'per-origin', 'perOrigin'])
    t.equal(helpOn(word), optionHelp('perOrigin'))
  for (const word of ['-H', '--header', 'header', 'headers']) t.equal(helpOn(word), optionHelp('headers'))
  t.equal(helpOn('--config'), optionHelp('config'), 'which has the name of a topic')
  t.equal(helpOn('-j', 40), optionHelp('concurrency', 40))
})

t.test('any other word is refused, with what was probably meant', async t => {
  const all = 'manifest, paths, cap, pool, unchanged, requests, outcomes, exit, config, presets, units'
  const cases: [word: string, message: string][] = [
    ['manifset', 'help: no such topic, "manifset"; did you mean manifest?'],
    ['bwlimt', 'help: no such topic, "bwlimt"; did you mean bwlimit?'],
    ['--bwlimt', 'help: no such topic, "--bwlimt"; did you mean --bwlimit?'],
    ['frobnicate', `help: no such topic, "frobnicate"; expected one of ${all}`],
    ['', `help: no such topic, ""; expected one of ${all}`],
  ]
  for (const [word, message] of cases) t.throws(() => helpOn(word), { code: 'ERR_OPTION', message }, word)
})
