import t from 'tap'
import type { Given } from '../../bin/command-table.js'
import { type Verbosity, verbosityOf } from '../../bin/verbosity.js'

const info: Verbosity = { logLevel: 'info', quiet: false }
const warn: Verbosity = { logLevel: 'warn', quiet: true }
const debug: Verbosity = { logLevel: 'debug', quiet: false }

t.test('level and quiet come from the first layer that says anything of them', async t => {
  const cases: [layers: Given[], told: Verbosity, why: string][] = [
    [[], info, 'nothing is said'],
    [[{ quiet: true }], warn, '-q'],
    [[{ verbose: true }], debug, '-v'],
    [[{ quiet: true, verbose: true }], warn, 'of both the quieter'],
    [[{ quiet: true, logLevel: 'trace' }], { logLevel: 'trace', quiet: true }, 'a level besides'],
    [[{}, { quiet: '1' }], warn, 'a variable'],
    [[{ verbose: true }, { quiet: '1' }], debug, '-v over a quiet variable'],
    [[{ logLevel: 'info' }, { quiet: '1' }], info, 'a level over a quiet variable'],
    [[{ verbose: true }, { logLevel: 'error' }], debug, '-v over a level'],
    [
      [{}, { logLevel: 'error' }, { quiet: true }],
      { logLevel: 'error', quiet: false },
      'a variable over the file',
    ],
    [[{ quiet: false }, {}, { quiet: true }], info, '--no-quiet over the file'],
    [
      [{ quiet: false }, { quiet: '1' }, { logLevel: 'error' }],
      { logLevel: 'error', quiet: false },
      'only over the same',
    ],
    [[{ verbose: false }, { verbose: '1' }, { quiet: true }], warn, '--no-verbose'],
  ]
  for (const [layers, told, why] of cases) t.strictSame(verbosityOf(layers), told, why)
})
