import { flagOf, type Group, type Row, table } from '../lib/index.js'
import { commandTable } from './command-table.js'
import { exitStatuses } from './exit-statuses.js'
import { topics } from './topics.js'
import { hang, wrap } from './wrap.js'

/** The text of `sluice --help`, made from the option tables, in lines of at most `columns` as far as words allow. */
export const help = (columns = 80): string =>
  `Usage: sluice [sync] -o DIR [options] [MANIFEST...]
       sluice plan   -o DIR [options] [MANIFEST...]
       sluice pool   status|pause|resume|set URL [NAME]
       sluice help [TOPIC | OPTION]

${wrap(what, columns).join('\n')}

  sluice -o images --bwlimit 50mbit < catalog.json > outcomes.ndjson
  jq -c 'select(.status=="failed")' outcomes.ndjson |
    sluice -o images --bwlimit 50mbit

${headings.map(([group, heading]) => `${heading}:\n${lines(optionsOf(group), columns)}`).join('\n\n')}

The command:
${lines(commandTable, columns)}

${hang('Exit: ', `${statuses}.`, { indent: 6, columns })}

Topics, each with sluice help TOPIC; sluice help OPTION says all of one option:
${[...topics].map(([name, { about }]) => hang(`  ${name}`, about, { indent: 14, columns })).join('\n')}
`

const what =
  'Syncs the assets that a manifest names to DIR; plan says what a sync would do and stores nothing. The manifest comes from stdin when none is named, or "-". Outcomes go to stdout, one line of JSON each; all else goes to stderr.'

/** Under which heading each group of options stands, in that order. */
export const headings: readonly [Group, string][] = [
  ['what', 'What is synced, and to where'],
  ['unchanged', 'What is not fetched again'],
  ['cap', 'The link'],
  ['pool', 'A budget for many processes'],
  ['requests', 'Requests'],
  ['disk', 'The disk'],
  ['run', 'The run'],
]

const statuses = [...exitStatuses].map(([status, meaning]) => `${status} ${meaning}`).join(', ')

const optionsOf = (group: Group): Record<string, Row<unknown>> =>
  Object.fromEntries(
    Object.entries(table as Record<string, Row<unknown>>).filter(([, row]) => row.group === group),
  )

const lines = (rows: Record<string, Row<unknown>>, columns: number): string => {
  // Where there is no room for two columns the meaning stands below.
  const indent = columns < 60 ? 8 : 32
  return Object.entries(rows)
    .map(([name, row]) => {
      const flag = `  ${row.short ? `-${row.short}, ` : '    '}${usageOf(name, row)}`
      const fallback = row.default !== undefined && row.default !== 'false' ? ` (default ${row.default})` : ''
      const isLong = flag.length + 2 > indent
      return (isLong ? `${flag}\n` : '') + hang(isLong ? '' : flag, row.help + fallback, { indent, columns })
    })
    .join('\n')
}

/** A flag with its value. */
export const usageOf = (name: string, row: Row<unknown>): string =>
  `${flagOf(name, row)}${row.value ? ` ${row.value}` : ''}`
