import t from 'tap'
import { commandTable } from '../../bin/command-table.js'
import { help } from '../../bin/help.js'
import { topics } from '../../bin/topics.js'
import { flagOf, type Row, table } from '../../lib/index.js'

const rows = Object.entries({ ...table, ...commandTable } as Record<string, Row<unknown>>)

const inOneLine = (text: string): string => ` ${text.replace(/\s+/g, ' ')} `

t.test('help names every flag with its letter, its value, its meaning and its default, once', async t => {
  for (const columns of [40, 80, 100])
    for (const [name, row] of rows) {
      const flag = [row.short && `-${row.short},`, flagOf(name, row), row.value].filter(Boolean).join(' ')
      const fallback = row.default && row.default !== 'false' ? ` (default ${row.default})` : ''
      const parts = inOneLine(help(columns)).split(` ${flag} ${row.help}${fallback} `)
      t.equal(parts.length, 2, `${flag} in ${columns} columns`)
    }
})

t.test(
  'help says how the command is used, what its exit status says, and what more there is to read',
  async t => {
    t.match(help(), /^Usage: sluice \[sync\] -o DIR \[options\] \[MANIFEST\.\.\.\]\n/)
    t.match(help(), /^ +sluice plan +-o DIR \[options\] \[MANIFEST\.\.\.\]\n/m)
    for (const code of [0, 1, 2, 3, 4, 5, 6, 130, 141, 143])
      t.match(inOneLine(help()), new RegExp(` ${code} \\w`), String(code))
    for (const [topic, { about }] of topics) t.match(help(), `\n  ${topic.padEnd(12)}${about}\n`)
    t.ok(help().endsWith('\n'))
  },
)

t.test('help fits its columns, and is laid out for 80 unless told otherwise', async t => {
  for (const columns of [80, 100])
    for (const line of help(columns).split('\n')) t.ok(line.length <= columns, `${columns}: ${line}`)
  t.equal(help(), help(80))
  // Commands stay in one piece, to be copied.
  const narrow = help(40).split('\n')
  t.ok(
    narrow.filter(line => line.length > 40).every(line => /sluice|jq|RATE\|TIMETABLE/.test(line)),
    help(40),
  )
})
