import t from 'tap'
import { flags, rows } from '../../bin/command-table.js'

t.test('no two flags have the same name or letter', async t => {
  t.equal(flags.size, rows.length)
  const letters = rows.flatMap(([, { short }]) => (short === undefined ? [] : [short]))
  t.equal(new Set(letters).size, letters.length)
})

t.test('every default is a value that its kind reads', async t => {
  for (const [name, row] of rows)
    if (row.default !== undefined) t.not(row.kind.read(row.default), undefined, `${name}: ${row.default}`)
})
