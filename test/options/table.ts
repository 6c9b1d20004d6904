import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { optionsType } from '../../fixtures/options-type.js'
import type { Options } from '../../lib/options/given.js'
import { flagOf, type OptionName, table } from '../../lib/options/table.js'

t.test('every default is a value that its kind reads, and every flag and letter is there once', async t => {
  const rows = Object.entries(table)
  for (const [name, row] of rows)
    if ('default' in row) t.not(row.kind.read(row.default), undefined, `${name}: ${row.default}`)
  const flags = rows.map(([name, row]) => flagOf(name, row))
  t.equal(new Set(flags).size, flags.length)
  const letters = rows.flatMap(([, row]) => ('short' in row ? [row.short] : []))
  t.strictSame(letters, ['o', 'f', 'j', 'H'])
})

t.test('a flag is the name in kebab-case unless its row says otherwise', async t => {
  const name: OptionName = 'retryAfterMax'
  t.equal(flagOf(name), '--retry-after-max')
  t.equal(flagOf('headers', table.headers), '--header')
})

t.test('every option has a heading to stand under', async t => {
  const groups = new Set(Object.values(table).map(({ group }) => group))
  t.strictSame([...groups].sort(), ['cap', 'disk', 'pool', 'requests', 'run', 'unchanged', 'what'])
})

t.test('an editor says of every option what help says', async t => {
  const file = join(import.meta.dirname, '../../lib/options/given.ts')
  t.equal(readFileSync(file, 'utf8'), optionsType(), '`npm run docs` writes it')
})

t.test('options are given as words, numbers and text', async t => {
  t.ok([
    { out: 'd', check: 'head', digest: 'none', durable: true, headers: { a: 'b' }, segment: 'auto' },
    {
      out: 'd',
      bwlimit: '08:00,10mbit',
      timeout: 500,
      maxFailures: 5,
      origins: { 'http://a': { timeout: '1s' } },
    },
    // @ts-expect-error a word that no option knows
    { out: 'd', check: 'never' },
    // @ts-expect-error the directory is required
    { concurrency: 5 },
    // @ts-expect-error a name that no option has
    { out: 'd', bwlimt: '50mbit' },
    // @ts-expect-error an option that holds for the whole run only
    { out: 'd', origins: { 'http://a': { out: 'd' } } },
  ] satisfies Options[])
})
