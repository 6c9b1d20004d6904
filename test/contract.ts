import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { faultsOf, proofsOf, sentencesOf, titlesOf } from '../fixtures/contract.js'

const root = join(import.meta.dirname, '..')

const read = (file: string): string | undefined =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined

const lists = readdirSync(join(root, 'docs/promises'))
  .map(name => read(`docs/promises/${name}`))
  .join('\n')

t.test('every sentence of the contract is proved by tests that exist', async t => {
  const sentences = sentencesOf(read('docs/contract.md') ?? '')
  t.ok(sentences.length > 100, 'the contract was found')
  t.strictSame(faultsOf(sentences, proofsOf(lists), read), [], 'each line says what to do')
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
    list: '> A.\n- pending: soon\n',
    fault: 'pending has no test "soon", name the one that proves: A.',
  },
]

for (const { title, list, fault } of cases)
  t.test(title, async t => {
    t.strictSame(
      faultsOf(['A.'], proofsOf(list), suite => suites[suite]),
      fault ? [fault] : [],
    )
  })
