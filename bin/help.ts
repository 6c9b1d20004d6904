import { flagOf, type Row, table } from '../lib/index.js'
import { commandTable } from './command-table.js'

/** The text of `sluice --help`, made from the option tables. */
export const help = (): string =>
  `Usage: sluice [sync] -o DIR [options] [MANIFEST...]
       sluice plan   -o DIR [options] [MANIFEST...]

Syncs the assets that a manifest names to DIR, or plans it: says what a sync would do and stores
nothing. The manifest comes from stdin when none is named, or "-". Outcomes go to stdout, one line
of JSON each; all else goes to stderr.

  sluice -o images --bwlimit 50mbit < catalog.json > outcomes.ndjson
  jq -c 'select(.status=="failed")' outcomes.ndjson | sluice -o images

Options:
${lines(table)}

Of the command itself:
${lines(commandTable)}

Exit: 0 all stored or skipped, 1 some failed, 2 usage, 3 manifest broken, 4 destination unusable,
5 too many failures, 6 quota spent, 130 SIGINT, 141 stdout closed, 143 SIGTERM.
`

/** Columns of the flags, and of a line. */
const [left, columns] = [36, 100]

const lines = (rows: Record<string, Row<unknown>>): string =>
  Object.entries(rows)
    .map(([name, row]) => {
      const flag = `  ${row.short ? `-${row.short}, ` : '    '}${flagOf(name, row)}${row.value ? ` ${row.value}` : ''}`
      const fallback = row.default !== undefined && row.default !== 'false' ? ` (default ${row.default})` : ''
      const [first = '', ...others] = wrap(row.help + fallback, columns - left)
      const start = flag.length < left ? [flag.padEnd(left) + first] : [flag, ' '.repeat(left) + first]
      return [...start, ...others.map(line => ' '.repeat(left) + line)].join('\n')
    })
    .join('\n')

const wrap = (text: string, width: number): string[] =>
  text.match(new RegExp(`.{1,${width}}(?= |$)`, 'g'))?.map(line => line.trim()) ?? []
