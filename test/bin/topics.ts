import t from 'tap'
import { rows } from '../../bin/command-table.js'
import { exitStatuses } from '../../bin/exit-statuses.js'
import { poolFlags } from '../../bin/pool.js'
import { topics } from '../../bin/topics.js'
import { flagOf, presets } from '../../lib/index.js'

const flags = rows.map(([name, row]) => flagOf(name, row))
const pages = [...topics]

t.test('a page is short, and fits a terminal of 80 columns', async t => {
  for (const [topic, { text }] of pages) {
    const lines = text.split('\n')
    t.ok(lines.length >= 10 && lines.length <= 26, `${topic}: ${lines.length} lines`)
    for (const line of lines) t.ok(line.length <= 80, `${topic}: ${line.length} columns: ${line}`)
  }
})

t.test('pages speak of every option of a run, and of no flag that does not exist', async t => {
  const named = new Set(pages.flatMap(([, { text }]) => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []))
  t.strictSame(
    [...named].filter(
      flag => !flags.includes(flag.replace('--no-', '--')) && !poolFlags.includes(flag.slice(2)),
    ),
    [],
  )
  t.strictSame(
    flags.filter(flag => !named.has(flag)),
    ['--help', '--version'],
  )
})

t.test('the page about presets has every value of every preset', async t => {
  const text = topics.get('presets')?.text.replace(/\s+/g, ' ') ?? ''
  for (const [preset, options] of Object.entries(presets)) {
    const values = Object.values(options).map(value => (value === 'true' ? '--durable' : value))
    t.match(text, new RegExp(` ${preset} .*${values.join('.*')}`))
  }
})

t.test('the page about the exit status has every one', async t => {
  for (const [status, meaning] of exitStatuses)
    t.match(topics.get('exit')?.text, `  ${String(status).padEnd(5)}${meaning}\n`)
})
