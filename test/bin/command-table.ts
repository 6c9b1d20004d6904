import t from 'tap'
import { flags, readOwn, rows } from '../../bin/command-table.js'

t.test('no two flags have the same name or letter', async t => {
  t.equal(flags.size, rows.length)
  const letters = rows.flatMap(([, { short }]) => (short === undefined ? [] : [short]))
  t.equal(new Set(letters).size, letters.length)
})

t.test('every default is a value that its kind reads', async t => {
  for (const [name, row] of rows)
    if (row.default !== undefined) t.not(row.kind.read(row.default), undefined, `${name}: ${row.default}`)
})

t.test('a value is read by its kind and refused by the name of its flag', async t => {
  t.equal(readOwn('quiet', '1'), true)
  t.equal(readOwn('logLevel', undefined), undefined)
  t.throws(() => readOwn('logLevel', 'loud'), {
    code: 'ERR_OPTION',
    message: /^--log-level: expected .*, got "loud"$/,
  })
})
