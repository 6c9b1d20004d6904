import { flagOf, type Row, table } from '../lib/index.js'
import { commandTable } from './flags.js'

/** The text of `sluice --help`, made from the option tables. */
export const help = (): string =>
  `Usage: sluice [sync] -o DIR [options] [MANIFEST...]

Syncs the assets that a manifest names to DIR. The manifest comes from stdin when none is named, or "-".
Outcomes go to stdout, one line of JSON each; everything else goes to stderr.

  sluice -o images --bwlimit 50mbit < catalog.json > outcomes.ndjson
  jq -c 'select(.status=="failed")' outcomes.ndjson | sluice -o images

Options:
${lines(table)}

Of the command itself:
${lines(commandTable)}

Exit: 0 all stored or skipped, 1 some failed, 2 usage, 3 manifest broken, 4 destination unusable,
5 too many failures, 130 SIGINT, 141 stdout closed, 143 SIGTERM.
`

const lines = (rows: Record<string, Row<unknown>>): string =>
  Object.entries(rows)
    .map(([name, row]) => {
      const flag = `${row.short ? `-${row.short}, ` : '    '}${flagOf(name, row)}${row.value ? ` ${row.value}` : ''}`
      const fallback = row.default !== undefined && row.default !== 'false' ? ` (default ${row.default})` : ''
      const room = 34
      const gap = flag.length < room ? ' '.repeat(room - flag.length) : `\n${' '.repeat(room + 2)}`
      return `  ${flag}${gap}${row.help}${fallback}`
    })
    .join('\n')
