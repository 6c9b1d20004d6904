import { EventEmitter } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { help } from '../../bin/help.js'
import { helpOn } from '../../bin/help-on.js'
import { main } from '../../bin/main.js'
import { ended, run, runShell, start } from '../../fixtures/command.js'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string
}

t.test('help and version are printed on stdout, whatever else is asked for', async t => {
  const cases: [args: string[], stdout: string][] = [
    [['--version'], `${version}\n`],
    [['version'], `${version}\n`],
    [['-o', 'd', '--version', 'missing.json'], `${version}\n`],
    [['--help'], help()],
    [['-h'], help()],
    [['help'], help()],
    [['sync', '--help'], help()],
    [['plan', '--help'], help()],
    [['help', 'help'], help()],
    [['help', 'cap'], helpOn('cap')],
    [['help', '--bwlimit'], helpOn('bwlimit')],
    [['-q', 'help', 'bwlimit'], helpOn('bwlimit')],
  ]
  for (const [args, stdout] of cases)
    t.strictSame(await run(t, args), { code: 0, signal: null, stdout, stderr: '' }, args.join(' '))
})

t.test('help has the width of its terminal, up to a hundred columns', async t => {
  for (const [columns, expected] of [
    [60, 60],
    [200, 100],
  ]) {
    const { stdout } = await runShell(t, `script -qec "stty cols ${columns}; $SLUICE --help" /dev/null`)
    t.equal(stdout.replaceAll('\r\n', '\n'), help(expected))
  }
})

t.test(
  'a manifest that is called like a verb, but for a slip, is a manifest; behind -- also without',
  async t => {
    const cwd = t.testdir({ plann: 'x\n', plan: 'y\n' })
    t.match(await run(t, ['-o', 'out', 'plann'], { cwd }), { code: 1, stdout: /"url":"x"/ })
    t.match(await run(t, ['-o', 'out', '--', 'plan'], { cwd }), { code: 1, stdout: /"url":"y"/ })
  },
)

t.test('what is used wrongly is one line on stderr, exit 2, and nothing is touched', async t => {
  const cases: [args: string[], message: string | RegExp, env?: NodeJS.ProcessEnv][] = [
    [[], '--out: expected a directory, got nothing; see sluice --help'],
    [['sync'], '--out: expected a directory, got nothing; see sluice --help'],
    [['a.txt'], '--out: expected a directory, got nothing; see sluice --help'],
    [['-o', 'out', '-j', '0'], '--concurrency: expected a whole number from 1 to 1024, got "0"'],
    [['-o', 'out', '--bwlimit', 'fast'], /^--bwlimit: expected .*, got "fast"$/],
    [['-o', 'out', '--concurency', '5'], '--concurency: no such flag; did you mean --concurrency?'],
    [['-o', 'out', '--a\n\x1b[2Jb'], '--a\\u000a\\u001b[2Jb: no such flag; see sluice --help'],
    [
      ['-o', 'out', '--summary', 'missing/s.json', 'a.txt'],
      /^--summary: expected a file that can be written, got "missing\/s.json"/,
    ],
    [
      ['-o', 'out', '--summary', '-', 'a.txt'],
      '--summary: expected a file, got "-"; stdout carries outcomes and nothing else',
    ],
    [['-o', 'out', '--summary', '.', 'a.txt', '--bwlimit', '08:00,1M 09:00,2M'], /^--summary: /],
    [['help', 'manifset'], 'help: no such topic, "manifset"; did you mean manifest?'],
    [
      ['plann', '-o', 'out', 'a.txt'],
      'MANIFEST: expected a readable file, got "plann"; did you mean sluice plan?',
    ],
    [['hepl'], 'MANIFEST: expected a readable file, got "hepl"; did you mean sluice help?'],
    [['-o', 'out', 'nothing'], 'MANIFEST: expected a readable file, got "nothing" (ENOENT)'],
    [['-o', 'out', '--accept', 'foo'], '--accept: expected media types such as image/*,video/mp4, got "foo"'],
    [['-o', 'out', '--path', '{nope'], '--path: unmatched brace at "{nope", got "{nope"'],
    [['plan'], '--out: expected a directory, got nothing; see sluice --help'],
    [['plan', '-o', 'out', '-j', '0'], '--concurrency: expected a whole number from 1 to 1024, got "0"'],
    [
      ['plan', '-o', 'out', '--summary', 'out/s.json', 'a.txt'],
      /^--summary: expected a file that can be written, got "out\/s.json"/,
    ],
    [
      ['-o', 'out'],
      'SLUICE_RETRIES for --retries: expected a whole number from 0 to 1000, got "many"',
      { SLUICE_RETRIES: 'many' },
    ],
  ]
  const cwd = t.testdir({ 'a.txt': '' })
  for (const [args, message, env = {}] of cases) {
    const { code, stdout, stderr } = await run(t, args, { cwd, env })
    t.strictSame({ code, stdout }, { code: 2, stdout: '' }, args.join(' '))
    t.match(stderr, /^sluice: .*\n$/)
    t.match(stderr.slice('sluice: '.length, -1), message)
    t.notOk(existsSync(join(cwd, 'out')))
  }
})

t.test('a usage error does not wait for a stdin that stays open', async t => {
  const child = start(t, ['-o', 'out', '-j', '0'], { cwd: t.testdir() })
  t.match(await ended(child), { code: 2 })
})

t.test('help for a reader who has seen enough ends quietly, and on a full disk with a line', async t => {
  const piped = await runShell(t, '((sleep 0.1; $SLUICE --help); echo $? >&2) | true')
  t.strictSame([piped.stdout, piped.stderr], ['', '141\n'])
  const full = await runShell(t, '$SLUICE --help > /dev/full')
  t.match(full, { code: 4, stderr: /^sluice: stdout: ENOSPC: .*\n$/ })
})

t.test('a stderr that nobody reads does not end a run', async t => {
  const cwd = t.testdir()
  const { stdout } = await runShell(t, '(sleep 0.2 | $SLUICE -o out 2> >(true); echo $?)', { cwd })
  t.equal(stdout, '0\n')
})

t.test('a bug is told with its place and without secrets, exit 70', async t => {
  const said: string[] = []
  const stderr = Object.assign(new EventEmitter(), { write: (text: string) => said.push(text) })
  const broken = {
    stderr,
    env: {},
    get stdout(): never {
      throw new Error('\x1b nowhere to write to http://user:pass@h/?token=s')
    },
    argv: [],
  } as unknown as NodeJS.Process
  t.equal(await main(broken), 70)
  t.match(said.join(''), /^sluice: a bug: /)
  t.notMatch(said.join(''), /pass|token/)
  t.notOk(said.join('').includes('\x1b'))
  t.match(said.join(''), '\n    at ', 'where it happened')
})
