import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { rows } from '../bin/command-table.js'
import { faultsOf, proofsOf, sentencesOf, titlesOf } from '../fixtures/contract.js'
import { startOrigin } from '../fixtures/origin.js'
import { runToEnd } from '../fixtures/run.js'
import { makeRoot } from '../fixtures/sink.js'
import { flagOf } from '../lib/options/table.js'
import { toLine } from '../lib/outcome.js'
import { baseSegmentBytes } from '../lib/rate/base-segment.js'
import type { RunOptions } from '../lib/run/start-run.js'

const root = join(import.meta.dirname, '..')

const read = (file: string): string | undefined =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined

const lists = readdirSync(join(root, 'docs/promises'))
  .map(name => read(`docs/promises/${name}`))
  .join('\n')

const sentences = sentencesOf(read('docs/contract.md') ?? '')

t.test('every sentence of the contract is proved by tests that exist', async t => {
  t.ok(sentences.length > 100, 'the contract was found')
  t.strictSame(faultsOf(sentences, proofsOf(lists), read), [], 'each line says what to do')
})

t.test('the flags of the contract are those of the command, with their letters and defaults', async t => {
  const promised = sentences.flatMap(sentence => {
    const [, flags = '', defaults = ''] = /^\| (`-.*?`) \| (?:(.*?) )?\| /.exec(sentence) ?? []
    const said = defaults.replaceAll('`', '').split(', ')
    return Array.from(flags.matchAll(/(?:-(\w), )?(--[a-z-]+)/g), ([, letter, flag], position) =>
      [flag, letter, said[position] ?? defaults].join(' '),
    )
  })
  const unlisted = ['help', 'version', 'verbose', 'quiet']
  const inWords = new Map<string, string>([
    ['out', 'required'],
    ['durable', 'off'],
    ['progress', 'auto'],
  ])
  const taken = rows
    .filter(([name]) => !unlisted.includes(name))
    .map(([name, row]) => [flagOf(name, row), row.short, inWords.get(name) ?? row.default ?? ''].join(' '))
  t.strictSame(promised.filter(flag => !flag.startsWith('--no-')).sort(), taken.sort())
})

t.test('the codes of the contract are those of the library', async t => {
  const promised = sentences.flatMap(sentence => sentence.match(/ERR_\w+/g) ?? [])
  const thrown = read('lib/errors.ts')?.match(/(?<=^ {2})ERR_\w+(?=: ')/gm)
  t.strictSame([...new Set(promised)].sort(), thrown?.sort())
})

t.test('outcomes have the fields that the contract shows, in its order', async t => {
  const shown = sentences.filter(sentence => sentence.startsWith('{"index"')).map(line => JSON.parse(line))
  const origin = await startOrigin()
  t.teardown(origin.close)
  const options: RunOptions = { out: join(makeRoot(t), 'out'), concurrency: 1 }
  const rows = [1, 2, 3].map(n => ({ url: `${origin.url}/${n}.jpg`, path: `a/${n}.jpg` }))
  origin.asset('/2.jpg', { size: 1000 })
  await runToEnd(t, rows.slice(1, 2), options)
  origin.asset('/1.jpg', { size: 2_097_152 })
  const { outcomes } = await runToEnd(t, rows, options)
  const told = outcomes.map(outcome => JSON.parse(toLine(outcome))).sort((a, b) => a.index - b.index)
  /** Names and kinds of fields, of those that `like` has. */
  const form = (value: object, like: object): unknown[] =>
    Object.entries(value)
      .filter(([name]) => name in like)
      .map(([name, field]) => [name, typeof field])
  for (const [position, like] of shown.entries()) {
    t.strictSame(form(told[position], like), form(like, like))
    t.match([told[position].status, told[position].reason], [like.status, like.reason])
    if (like.error) t.strictSame(form(told[position].error, like.error), form(like.error, like.error))
  }
  t.equal(shown.length, 3)
})

t.test('the README says how many requests ranges cost, as many as are made', async t => {
  const said = /about (\d+) for an asset of (\d+) MB at (\d+) Mbit\/s/.exec(read('README.md') ?? '')
  const [requests = 0, megabytes = 0, megabits = 0] = said?.slice(1).map(Number) ?? []
  const origin = await startOrigin()
  t.teardown(origin.close)
  const url = origin.asset('/a', { size: megabytes * 1e6 })
  // The size that `auto` has where answers come at once: on a busy machine they do not, and ranges grow.
  const segment = baseSegmentBytes((megabits * 1e6) / 8)
  await runToEnd(t, [url], { out: join(makeRoot(t), 'out'), bwlimit: `${megabits}mbit`, segment })
  const made = origin.requests.length
  t.ok(Math.abs(requests - made) <= made / 10, `${made} were made, and ${requests} said`)
})

t.test('a page is split into its sentences', async t => {
  const page = [
    '# Page',
    '',
    'An introduction is no section. Whatever it says.',
    '',
    '## 1. First',
    '',
    '    command --flag        what it does. And more',
    '    command',
    '',
    'Text goes on',
    'over lines. `code` begins one. (So does a bracket.) 10 of them. e.g. small letters do not.',
    '',
    '| flag | meaning |',
    '| --- | --- |',
    '| `--a` | one. Row |',
    '| `--b` | |',
    '',
    '- An item that',
    '  goes on. Its second sentence:',
    '- `..` and . are no ends',
    '',
    '## 2. Second',
    '',
    'Not there yet: this. Nor this.',
    '',
    '## 3. Third',
    'Last?',
    '',
  ].join('\n')
  t.strictSame(sentencesOf(page), [
    'command --flag        what it does. And more',
    'command',
    'Text goes on over lines.',
    '`code` begins one.',
    '(So does a bracket.)',
    '10 of them. e.g. small letters do not.',
    '| `--a` | one. Row |',
    '| `--b` | |',
    'An item that goes on.',
    'Its second sentence:',
    '`..` and . are no ends',
    'Last?',
  ])
})

t.test('a suite has the titles that it writes, and those of its tables', async t => {
  const source = `t.test('it\\'s one', f => f.equal('none', 1)); t.test('outer', t => t.test(\`of \${name}\`, f))`
  t.strictSame([...titlesOf(source)], ["it's one", 'outer', `of \${name}`])
  t.ok(titlesOf("for (const title of ['from a table']) t.test(title, f)").has('from a table'))
})

const suites: Record<string, string> = { 'test/a.ts': "t.test('a holds', f)" }
const proved = '> A.\n\n- test/a.ts: a holds\n'

const cases: { title: string; list: string; fault?: string }[] = [
  { title: 'a proof is a test that exists', list: proved },
  { title: 'a sentence may promise nothing, and says why', list: '> A.\n- no promise: a definition\n' },
  { title: 'a sentence without a place is missed', list: '', fault: 'list the tests that prove it: A.' },
  {
    title: 'a sentence that the contract lost is told',
    list: `${proved}\n> B.\n- test/a.ts: a holds\n`,
    fault: 'the contract does not say this, mend or drop it: B.',
  },
  {
    title: 'a sentence stands in one place',
    list: proved + proved,
    fault: 'keep one of the two places that list it: A.',
  },
  {
    title: 'a place without a test is no proof',
    list: '> A.\n',
    fault: 'name the tests that prove it, or why it promises nothing: A.',
  },
  {
    title: 'a title is that of a test',
    list: '> A.\n- test/a.ts: a hold\n',
    fault: 'test/a.ts has no test "a hold", name the one that proves: A.',
  },
  {
    title: 'a suite exists',
    list: '> A.\n- test/b.ts: a holds\n',
    fault: 'test/b.ts has no test "a holds", name the one that proves: A.',
  },
  {
    title: 'what is pending is no proof',
    list: '> A.\n- pending: the next release\n',
    fault: 'name the tests that prove it, or why it promises nothing: A.',
  },
]

for (const { title, list, fault } of cases)
  t.test(title, async t => {
    t.strictSame(
      faultsOf(['A.'], proofsOf(list), suite => suites[suite]),
      fault ? [fault] : [],
    )
  })
