import { flagOf, type OptionName, type Row, table } from '../lib/index.js'
import type { CommandLine } from './command-line.js'

/** What is about the manifest that was read, which outcomes are not, and headers, which the screen would show. */
const left: ReadonlySet<string> = new Set<OptionName>(['format', 'select', 'path', 'headers'])

/** How what failed is tried again, to be copied: with all that kept this run within its bounds, such as its cap, preset and file. */
export const retryCommand = ({
  options,
  config,
}: Pick<CommandLine, 'config'> & { options: Partial<Record<OptionName, unknown>> }): string => {
  // A file that selects from a document cannot be used for outcomes, which are none.
  const file = config === undefined || options.select !== undefined ? [] : [`--config ${quoted(config)}`]
  const repeated = (Object.entries(table) as [OptionName, Row<unknown>][])
    .filter(([name]) => !left.has(name))
    .flatMap(([name, row]) => asFlag(name, row, options[name]))
  return [`jq -c 'select(.status=="failed")' OUTCOMES | sluice`, ...repeated, ...file].join(' ')
}

/** As it was written; a number can only come from the file, which is repeated. */
const asFlag = (name: OptionName, row: Row<unknown>, value: unknown): string[] => {
  const flag = name === 'out' ? '-o' : flagOf(name, row)
  if (row.kind.arity === 'none') {
    const isOn = row.kind.read(value)
    return isOn === undefined ? [] : [isOn ? flag : flag.replace('--', '--no-')]
  }
  if (typeof value !== 'string') return []
  return [value.startsWith('-') ? `${flagOf(name, row)}=${quoted(value)}` : `${flag} ${quoted(value)}`]
}

/** As a shell reads it as one word. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
