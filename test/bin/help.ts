import t from 'tap'
import { commandTable } from '../../bin/command-table.js'
import { help } from '../../bin/help.js'
import { flagOf, type Row, table } from '../../lib/index.js'

const rows = Object.entries({ ...table, ...commandTable } as Record<string, Row<unknown>>)

t.test('help names every flag with its letter, its value, its meaning and its default', async t => {
  for (const [name, row] of rows) {
    const flag = [row.short && `-${row.short},`, flagOf(name, row), row.value].filter(Boolean).join(' ')
    const fallback = row.default && row.default !== 'false' ? ` (default ${row.default})` : ''
    t.match(` ${help().replace(/\s+/g, ' ')} `, ` ${flag} ${row.help}${fallback} `, flag)
  }
})

t.test('help begins with how the command is used and ends with what its exit status says', async t => {
  t.match(help(), /^Usage: sluice \[sync\] -o DIR \[options\] \[MANIFEST\.\.\.\]\n/)
  t.match(help(), /^ +sluice plan +-o DIR \[options\] \[MANIFEST\.\.\.\]\n/m)
  for (const code of [0, 1, 2, 3, 4, 5, 6, 130, 141, 143])
    t.match(help(), new RegExp(`\\b${code} \\w`), String(code))
  t.ok(help().endsWith('\n'))
})

t.test('no line of help is longer than a hundred columns', async t => {
  for (const line of help().split('\n')) t.ok(line.length <= 100, line)
})
