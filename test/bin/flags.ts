import t from 'tap'
import { commandTable, readCommandLine } from '../../bin/flags.js'
import { flagOf, type OptionName, type Row, type RunOptions, sync, table } from '../../lib/index.js'

/** What is wrong with a command line, said in one line. */
const faultOf = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): string => {
  try {
    sync([], { out: 'images', ...readCommandLine(args, environment).options } as RunOptions)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

type Values = { good: readonly string[]; bad: readonly string[] }

const whole: Values = { good: ['1', '5', '1024'], bad: ['0', '1025', 'x', '1.5', '1e3', '-1', ''] }
const duration: Values = { good: ['500ms', '30s', '5m', '1.5h'], bad: ['30', 'x', '-1s', '1 week', ''] }
const size: Values = { good: ['64KiB', '1.5MB', '10M', '65536'], bad: ['x', '1XB', '-1', ''] }

const values: Record<OptionName, Values> = {
  out: { good: ['images', '/tmp/images'], bad: [''] },
  format: { good: ['auto', 'json', 'ndjson', 'urls', 'tsv'], bad: ['xml', 'JSON', ''] },
  select: { good: ['products.*.images.*', '*'], bad: ['', 'a..b', '.', 'a.'] },
  path: { good: ['{host}{pathname}', '{hash}{ext}', 'a/{index}'], bad: ['', '{nope', '../{hash}', '{}'] },
  concurrency: whole,
  perOrigin: whole,
  bwlimit: {
    good: ['50mbit', '50Mbps', '6.25MB', '10M', '512', 'off', '08:00,10mbit 19:00,50mbit Sat-00:00,off'],
    bad: ['fast', '-1', '25:00,1M', '08:00', ''],
  },
  segment: { good: ['64KiB', 'auto', 'off'], bad: ['x', '1', ''] },
  tpslimit: { good: ['10', '10/s', '600/m', '12000/h', '100000/d', 'off'], bad: ['x', '10/w', '-1', ''] },
  check: { good: ['head', 'conditional', 'manifest', 'exists', 'none'], bad: ['etag', ''] },
  urlKey: { good: ['full', 'path'], bad: ['host', ''] },
  retries: { good: ['0', '3'], bad: ['-1', 'x', '1.5', ''] },
  retryBase: duration,
  retryMax: duration,
  retryAfterMax: duration,
  timeout: duration,
  stallTimeout: duration,
  minRate: { good: ['10K', '1mbit', 'off'], bad: ['slow', ''] },
  maxTime: { good: ['1h', 'off'], bad: ['x', '60', ''] },
  maxSize: { good: [...size.good, 'off'], bad: size.bad },
  accept: { good: ['image/*,video/mp4', '*/*'], bad: [''] },
  headers: { good: ['Authorization: Bearer x', 'X-Empty:'], bad: ['no colon', 'Range: bytes=0-1', ''] },
  maxFailures: { good: ['0', '100', '5%', '0.5%', 'off'], bad: ['x', '101%', '1.5', '-1', ''] },
  digest: { good: ['sha256', 'sha512', 'md5', 'none'], bad: ['crc', ''] },
  durable: { good: ['true', '0'], bad: [] },
  privateNetwork: { good: ['allow', 'deny'], bad: ['maybe', ''] },
}

const rows = Object.entries(table) as [OptionName, Row<unknown>][]
const variableOf = (flag: string): string => `SLUICE_${flag.slice(2).toUpperCase().replaceAll('-', '_')}`

for (const [name, row] of rows) {
  const flag = flagOf(name, row)
  const { good, bad } = values[name]

  if (row.kind.arity === 'none') {
    t.test(`${flag} takes no value`, async t => {
      t.equal(readCommandLine([flag], {}).options[name], true)
      t.equal(readCommandLine([flag.replace('--', '--no-')], {}).options[name], false)
      t.equal(faultOf([`${flag}=true`]), `${flag}: expected no value, got "true"`)
    })
    continue
  }

  t.test(`${flag} takes what it should and says what is wrong with anything else`, async t => {
    for (const value of good) t.equal(faultOf([`${flag}=${value}`]), '', value)
    for (const value of bad) {
      const fault = faultOf([`${flag}=${value}`])
      t.match(fault, new RegExp(`^${flag}: \\S`), `${flag}=${value}`)
      if (!row.kind.isSecret) t.ok(fault.endsWith(`got ${JSON.stringify(value)}`), fault)
      t.notMatch(fault, '\n')
    }
    t.match(faultOf([flag]), `${flag}: expected ${row.kind.expected}, got nothing`)
  })

  t.test(`${variableOf(flag)} is as good as ${flag}, which wins`, async t => {
    const [value = '', other = value] = good
    const [wrong = ''] = bad
    const environment = { [variableOf(flag)]: value }
    t.equal(readCommandLine([], environment).options[name], value)
    t.match(
      readCommandLine([`${flag}=${other}`], environment).options[name],
      row.kind.arity ? [other] : other,
    )
    t.notOk(name in readCommandLine([], { [variableOf(flag)]: '' }).options, 'an empty one is none')
    if (wrong) t.match(faultOf([], { [variableOf(flag)]: wrong }), `${variableOf(flag)} for ${flag}: `)
  })
}

t.test('a value may stand in the same word, in the next, or behind an equals sign', async t => {
  const cases: [args: string[], value: string][] = [
    [['-j5'], '5'],
    [['-j', '5'], '5'],
    [['--concurrency=5'], '5'],
    [['--concurrency', '5'], '5'],
    [['-qj5'], '5'],
    [['-j5', '--concurrency=6', '-j', '7'], '7'],
  ]
  for (const [args, value] of cases)
    t.equal(readCommandLine(args, {}).options.concurrency, value, args.join(' '))
})

t.test('of a flag that is given twice the last counts, and of headers all', async t => {
  const { options } = readCommandLine(['-o', 'a', '-H', 'A: 1', '-o', 'b', '--header=B: 2'], {})
  t.strictSame(options, { out: 'b', headers: ['A: 1', 'B: 2'] })
})

t.test('words that are no flags are kept in their order, and behind -- nothing is a flag', async t => {
  const cases: [args: string[], words: string[]][] = [
    [
      ['sync', '-o', 'd', 'a.json', '-', 'b.json'],
      ['sync', 'a.json', '-', 'b.json'],
    ],
    [
      ['-o', 'd', '--', '-o', '--help'],
      ['-o', '--help'],
    ],
    [['--', '--'], ['--']],
    [['-'], ['-']],
  ]
  for (const [args, words] of cases) t.strictSame(readCommandLine(args, {}).words, words, args.join(' '))
})

t.test('a flag that does not exist is refused, with the one that was probably meant', async t => {
  const cases: [args: string[], message: string][] = [
    [['--concurency', '5'], '--concurency: no such flag; did you mean --concurrency?'],
    [['--concurency=5'], '--concurency: no such flag; did you mean --concurrency?'],
    [['--bwlimt=1M'], '--bwlimt: no such flag; did you mean --bwlimit?'],
    [['--frobnicate'], '--frobnicate: no such flag; see sluice --help'],
    [['-x'], '-x: no such flag; see sluice --help'],
    [['-vx'], '-x: no such flag; see sluice --help'],
    [['--no-out'], '--no-out: no such flag; did you mean --out?'],
    [['--no-progres'], '--no-progres: no such flag; did you mean --progress?'],
    [['--__proto__=1'], '--__proto__: no such flag; see sluice --help'],
  ]
  for (const [args, message] of cases) t.equal(faultOf(args), message)
})

t.test('a value that was forgotten is not taken from the next flag', async t => {
  const cases: [args: string[], message: string | RegExp][] = [
    [['-o', '-j', '5'], /^-o: expected some text, got the flag "-j"; .*--out=VALUE$/],
    [['--out', '--durable'], /^--out: expected some text, got the flag "--durable"; /],
    [['-j', '-5'], /^-j: expected a whole number from 1 to 1024, got the flag "-5"; /],
    [['-o'], '-o: expected some text, got nothing'],
    [['-o', '--'], '-o: expected some text, got the flag "--"'],
    [['--out='], '--out: expected some text, got ""'],
  ]
  for (const [args, message] of cases) t.match(faultOf(args), message, args.join(' '))
  t.equal(faultOf(['--out=-j']), '')
})

t.test('what a wrong header holds is not repeated', async t => {
  for (const header of ['Authorization Bearer s3cret', 'X\ns3cret: 1', 'Range: s3cret']) {
    t.equal(
      faultOf(['-H', header]),
      '--header: expected headers such as \'Authorization: Bearer …\', got "…"',
    )
    t.notMatch(faultOf([], { SLUICE_HEADER: header }), 's3cret')
  }
})

t.test('--select and a format of lines do not go together', async t => {
  t.equal(faultOf(['--select=a', '-f', 'urls']), '--select: expected a manifest in JSON, got --format urls')
})

t.test('the level of the log comes from the nearest flag or variable', async t => {
  const cases: [args: string[], environment: NodeJS.ProcessEnv, level: string][] = [
    [[], {}, 'info'],
    [['-v'], {}, 'debug'],
    [['-q'], {}, 'warn'],
    [['-q', '-v'], {}, 'warn'],
    [['-q', '--log-level', 'trace'], {}, 'trace'],
    [[], { SLUICE_LOG_LEVEL: 'error' }, 'error'],
    [[], { SLUICE_QUIET: '1' }, 'warn'],
    [['-v'], { SLUICE_LOG_LEVEL: 'error' }, 'debug'],
    [['--log-level=fatal'], { SLUICE_LOG_LEVEL: 'error' }, 'fatal'],
  ]
  for (const [args, environment, level] of cases)
    t.equal(readCommandLine(args, environment).logLevel, level, `${args} ${JSON.stringify(environment)}`)
  t.equal(
    faultOf(['--log-level', 'loud']),
    '--log-level: expected trace, debug, info, warn, error, fatal or silent, got "loud"',
  )
})

t.test('what the command has of its own is read, and never passed on to the library', async t => {
  const line = readCommandLine(
    ['--summary', 's.json', '--no-progress', '-q', '-h', '--version', '-o', 'd'],
    {},
  )
  t.strictSame(line, {
    options: { out: 'd' },
    words: [],
    summary: 's.json',
    progress: false,
    logLevel: 'warn',
    quiet: true,
    help: true,
    version: true,
  })
  t.equal(readCommandLine(['--progress'], {}).progress, true)
  t.equal(readCommandLine([], {}).progress, undefined)
})

t.test('variables that belong to somebody else are left alone', async t => {
  const { help, version, options } = readCommandLine([], {
    SLUICE_VERSION: '7',
    SLUICE_HELP: 'me',
    SLUICE_TOKEN: 'x',
  })
  t.strictSame({ help, version, options }, { help: false, version: false, options: {} })
  t.match(
    faultOf([], { SLUICE_PROGRESS: 'maybe' }),
    'SLUICE_PROGRESS for --progress: expected true or false, got "maybe"',
  )
})

t.test('no two flags have the same letter', async t => {
  const letters = Object.values({ ...table, ...commandTable } as Record<string, Row<unknown>>)
    .map(({ short }) => short)
    .filter(short => short !== undefined)
  t.equal(new Set(letters).size, letters.length)
})
