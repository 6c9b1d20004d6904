import t from 'tap'
import { readFlags } from '../../bin/flags.js'

/** What is wrong with a command line, said in one line. */
const faultOf = (args: readonly string[]): string => {
  try {
    readFlags(args)
    return ''
  } catch (error) {
    return (error as Error).message
  }
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
  for (const [args, value] of cases) t.equal(readFlags(args).given.concurrency, value, args.join(' '))
})

t.test('of a flag that is given twice the last counts, and of headers all', async t => {
  const { given } = readFlags(['-o', 'a', '-H', 'A: 1', '-o', 'b', '--header=B: 2'])
  t.strictSame(given, { out: 'b', headers: ['A: 1', 'B: 2'] })
})

t.test('a wrong value is refused also where the flag comes again', async t => {
  t.throws(() => readFlags(['--bwlimit', 'bad', '--bwlimit', '5mbit']), {
    code: 'ERR_OPTION',
    message: /^--bwlimit: expected .* got "bad"/,
  })
})

t.test('words that are no flags are kept in their order, and behind -- nothing is a flag', async t => {
  const cases: [args: string[], words: string[], plain: number][] = [
    [['sync', '-o', 'd', 'a.json', '-', 'b.json'], ['sync', 'a.json', '-', 'b.json'], 4],
    [['-o', 'd', '--', '-o', '--help'], ['-o', '--help'], 0],
    [['plan', '--', 'sync'], ['plan', 'sync'], 1],
    [['--', '--'], ['--'], 0],
    [['-'], ['-'], 1],
  ]
  for (const [args, words, plain] of cases) t.match(readFlags(args), { words, plain }, args.join(' '))
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

t.test('what a variable or a file gives can be taken back', async t => {
  const { given, words } = readFlags(['--no-select', 'a.json'])
  t.strictSame([Object.entries(given), words], [[['select', undefined]], ['a.json']])
})

t.test('a value that was forgotten is not taken from the next flag', async t => {
  const cases: [args: string[], message: string | RegExp][] = [
    [['-o', '-j', '5'], /^-o: expected some text, got the flag "-j"; .*--out=VALUE$/],
    [['--out', '--durable'], /^--out: expected some text, got the flag "--durable"; /],
    [['-j', '-5'], /^-j: expected a whole number from 1 to 1024, got the flag "-5"; /],
    [['-H', '-Authorization: s3cret'], /^-H: expected headers such as .*, got a flag; .*--header=VALUE$/],
    [['-o'], '-o: expected some text, got nothing'],
    [['-o', '--'], '-o: expected some text, got the flag "--"'],
  ]
  for (const [args, message] of cases) t.match(faultOf(args), message, args.join(' '))
  t.equal(faultOf(['--out=-j']), '')
})
