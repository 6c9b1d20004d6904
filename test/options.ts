import t from 'tap'
import { flagOf, type OptionName, table } from '../lib/options.js'

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
  t.strictSame([...groups].sort(), ['cap', 'disk', 'requests', 'run', 'unchanged', 'what'])
})
