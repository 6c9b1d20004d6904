import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readCommandLine } from '../../bin/command-line.js'
import { flagOf, type OptionName, type Row, type RunOptions, sync, table } from '../../lib/index.js'
import { resolve } from '../../lib/options/resolve.js'

/** What is wrong with a command line, said in one line. */
const faultOf = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): string => {
  try {
    const { options } = readCommandLine(args, environment)
    // Limits that a pool alone can keep want one.
    const pool =
      'quota' in options || 'userBwlimit' in options || 'userTpslimit' in options ? 'local:' : undefined
    sync([], { out: 'images', pool, ...options } as RunOptions)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

/** A configuration file. */
const configOf = (t: Test, content: object): string => {
  const file = join(t.testdir({}), 'sluice.json')
  writeFileSync(file, JSON.stringify(content))
  return file
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
  pool: {
    good: ['redis://host:6379/0', 'rediss://user:secret@host', 'unix:/run/sluice.sock', 'local:'],
    bad: ['host:6379', 'http://host', 'unix:', 'local', ''],
  },
  poolName: { good: ['office-link', 'a.b_c@d'], bad: ['', 'a b', 'a/b', 'x'.repeat(101)] },
  poolUser: { good: ['alice', 'team-1'], bad: ['', 'a:b'] },
  poolWeight: { good: ['1', '30'], bad: ['0', '-1', '1.5', 'x', ''] },
  userBwlimit: { good: ['10mbit', 'off'], bad: ['fast', ''] },
  userTpslimit: { good: ['10', '600/m', 'off'], bad: ['x', ''] },
  quota: {
    good: ['5000/d', '750GB/d', '20TB/mo', '5000/d,750GB/mo'],
    bad: ['5000', '0/d', '5000/h', '1/d,2/d', 'x/d', ''],
  },
  quotaZone: { good: ['UTC', 'America/Los_Angeles'], bad: ['Mars/Olympus', ''] },
  poolLost: { good: ['hold', 'share'], bad: ['run', ''] },
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
  accept: {
    good: ['image/*,video/mp4', '*/*', 'image/svg+xml;q=0.9, image/*'],
    bad: ['', 'foo', '*', 'image/', '/png', '*/png', 'image/png,', 'image/png video/mp4'],
  },
  headers: { good: ['Authorization: Bearer x', 'X-Empty:'], bad: ['no colon', 'Range: bytes=0-1', ''] },
  maxFailures: { good: ['0', '100', '5%', '0.5%', 'off'], bad: ['x', '101%', '1.5', '-1', ''] },
  digest: { good: ['sha256', 'sha512', 'md5', 'none'], bad: ['crc', ''] },
  durable: { good: ['true', '0'], bad: [] },
  preset: { good: ['initial', 'daily', 'critical', 'high-latency'], bad: ['weekly', ''] },
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
    if (name !== 'headers') t.equal(readCommandLine([`${flag}=${other}`], environment).options[name], other)
    t.notOk(name in readCommandLine([], { [variableOf(flag)]: '' }).options, 'an empty one is none')
    if (wrong) t.match(faultOf([], { [variableOf(flag)]: wrong }), `${variableOf(flag)} for ${flag}: `)
  })
}

t.test('--select and a format of lines do not go together', async t => {
  t.equal(faultOf(['--select=a', '-f', 'urls']), '--select: expected a manifest in JSON, got --format urls')
})

t.test('how much is told comes from the nearest flag, variable or file', async t => {
  const file = configOf(t, { logLevel: 'error' })
  const cases: [args: string[], environment: NodeJS.ProcessEnv, told: object][] = [
    [[], {}, { logLevel: 'info', quiet: false }],
    [['-v'], { SLUICE_QUIET: '1' }, { logLevel: 'debug', quiet: false }],
    [['--config', file], {}, { logLevel: 'error', quiet: false }],
    [['--config', file], { SLUICE_QUIET: '1' }, { logLevel: 'warn', quiet: true }],
  ]
  for (const [args, environment, told] of cases)
    t.match(readCommandLine(args, environment), told, `${args} ${JSON.stringify(environment)}`)
  t.equal(
    faultOf(['--log-level', 'loud']),
    '--log-level: expected trace, debug, info, warn, error, fatal or silent, got "loud"',
  )
})

t.test(
  'headers of the file, of variables and of flags come together, of one name the last of these',
  async t => {
    const file = configOf(t, {
      headers: { Authorization: 'file', 'X-File': '1' },
      origins: {
        'https://a.test': { headers: { 'x-flag': 'section', 'X-VARIABLE': 'section', 'X-Own': '1' } },
      },
    })
    const headersOf = (...flags: string[]) => {
      const { headers, origins } = readCommandLine(['--config', file, ...flags], {
        SLUICE_HEADER: 'X-Variable: 1',
      }).options
      return { headers, ofOrigin: origins?.['https://a.test']?.headers }
    }
    t.strictSame(headersOf('-H', 'authorization: flag', '-H', 'X-Flag: 1'), {
      headers: { 'X-File': '1', 'X-Variable': '1', authorization: 'flag', 'X-Flag': '1' },
      ofOrigin: { 'X-Own': '1' },
    })
    t.strictSame(headersOf().headers, { Authorization: 'file', 'X-File': '1', 'X-Variable': '1' })
    const { options } = readCommandLine(['--config', file, '-H', 'no colon'], {})
    t.throws(() => sync([], { out: 'images', ...options } as RunOptions), { message: /^--header: expected / })
  },
)

t.test('what a wrong header holds is not repeated', async t => {
  for (const header of ['Authorization Bearer s3cret', 'X\ns3cret: 1', 'Range: s3cret']) {
    t.equal(
      faultOf(['-H', header]),
      '--header: expected headers such as \'Authorization: Bearer …\', none that sluice sends itself, got "…"',
    )
    t.notMatch(faultOf([], { SLUICE_HEADER: header }), 's3cret')
  }
})

t.test('a first word that is a verb is one, but not behind --', async t => {
  const cases: [args: string[], verb: string | undefined, words: string[]][] = [
    [[], undefined, []],
    [['plan', 'a'], 'plan', ['a']],
    [['-o', 'd', 'sync', 'plan'], 'sync', ['plan']],
    [['a', 'plan'], undefined, ['a', 'plan']],
    [['--', 'plan'], undefined, ['plan']],
    [['plan', '--', 'sync'], 'plan', ['sync']],
  ]
  for (const [args, verb, words] of cases) t.match(readCommandLine(args, {}), { verb, words }, args.join(' '))
})

t.test('what the command has of its own is read, and never passed on to the library', async t => {
  const line = readCommandLine(
    ['--summary', 's.json', '--no-progress', '-q', '-h', '--version', '-o', 'd'],
    {},
  )
  t.strictSame(line, {
    options: { out: 'd' },
    verb: undefined,
    words: [],
    config: undefined,
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

t.test('a flag wins over a variable, a variable over the file, and all over a preset', async t => {
  const file = configOf(t, { concurrency: 3, perOrigin: 3, retries: 3, preset: 'critical' })
  const { options } = readCommandLine(['--config', file, '-j', '5'], {
    SLUICE_CONCURRENCY: '4',
    SLUICE_PER_ORIGIN: '4',
  })
  t.match(resolve({ out: 'images', ...options }), { concurrency: 5, perOrigin: 4, retries: 3, durable: true })
  const other = readCommandLine(['--preset', 'high-latency'], { SLUICE_PRESET: 'daily', SLUICE_CONFIG: file })
  t.match(resolve({ out: 'images', ...other.options }), { timeout: 120_000, durable: false, concurrency: 3 })
})

t.test('what the file selects from a document can be taken back for outcomes', async t => {
  const file = configOf(t, { select: 'products.*', preset: 'critical', pool: 'local:', tpslimit: 5 })
  const taken = readCommandLine(['--config', file, '--no-select', '--no-preset', '--no-pool'], {})
  const { select, preset, pool, durable, tpslimit } = resolve({ out: 'images', ...taken.options })
  t.strictSame([select, preset, pool, durable, tpslimit], [undefined, undefined, undefined, false, 5])
})

t.test('a flag wins over the sections of the file, but for the caps, which hold besides', async t => {
  const file = configOf(t, {
    origins: {
      'https://a.test': {
        bwlimit: '1M',
        tpslimit: 5,
        timeout: '9s',
        perOrigin: 1,
        headers: { Authorization: 'section', 'X-Section': 'yes' },
      },
      'https://b.test': { headers: { 'X-Section': 'b' } },
    },
  })
  const { options } = readCommandLine(
    [
      '--config',
      file,
      '--bwlimit',
      '10M',
      '--tpslimit',
      '50',
      '--per-origin',
      '4',
      '-H',
      'authorization: flag',
    ],
    { SLUICE_TIMEOUT: '1s' },
  )
  t.strictSame(options.origins, {
    'https://a.test': { bwlimit: '1M', tpslimit: 5, headers: { 'X-Section': 'yes' } },
    'https://b.test': { headers: { 'X-Section': 'b' } },
  })
  t.match(options, { bwlimit: '10M', tpslimit: '50', perOrigin: '4', timeout: '1s' })
})

t.test('who asks for help or the version shall have it, whatever else is wrong', async t => {
  const wrong = { SLUICE_CONCURRENCY: 'many', SLUICE_CONFIG: '/nowhere' }
  for (const args of [['--help'], ['-h'], ['--version'], ['help', 'config'], ['version']])
    t.doesNotThrow(() => readCommandLine(args, wrong), args.join(' '))
  t.throws(() => readCommandLine([], wrong))
})
