import { escapeControls, flagOf, type OptionName, type Row, table } from '../lib/index.js'
import type { CommandLine } from './command-line.js'
import { variableOf } from './environment.js'

/** What is about the manifest that was read, which outcomes are not, and headers, which the screen would show. */
const left: ReadonlySet<string> = new Set<OptionName>(['format', 'select', 'path', 'headers'])

/** How what failed is tried again, to be copied: with all that kept this run within its bounds, such as its cap, preset and file, and no secret. */
export const retryCommand = ({
  options,
  config,
}: Pick<CommandLine, 'config'> & { options: Partial<Record<OptionName, unknown>> }): string => {
  // What a file says of the document that was read is not so of outcomes.
  const file =
    config === undefined
      ? []
      : [
          `--config ${quoted(config)}`,
          ...('select' in options ? ['--no-select'] : []),
          ...('format' in options ? ['--format auto'] : []),
        ]
  const repeated = (Object.entries(table) as [OptionName, Row<unknown>][])
    .filter(([name]) => !left.has(name))
    .flatMap(([name, row]) => (name in options ? asFlag(name, row, options[name]) : []))
  return [`jq -c 'select(.status=="failed")' OUTCOMES | sluice`, ...repeated, ...file].join(' ')
}

/** As it was written; a number can only come from the file, which is repeated. */
const asFlag = (name: OptionName, row: Row<unknown>, value: unknown): string[] => {
  const flag = name === 'out' ? '-o' : flagOf(name, row)
  if (row.kind.arity === 'none') {
    const isOn = row.kind.read(value)
    return isOn === undefined ? [] : [isOn ? flag : flag.replace('--', '--no-')]
  }
  // What took back what the file says has to do so again.
  if (value === undefined) return [flag.replace('--', '--no-')]
  if (typeof value !== 'string') return []
  // A password has no other place where it can be told without being shown.
  if (row.kind.isSecret && /[@?]/.test(value)) return [`${flag} "$${variableOf(name, row)}"`]
  return [value.startsWith('-') ? `${flagOf(name, row)}=${quoted(value)}` : `${flag} ${quoted(value)}`]
}

/** As a shell reads it as one word. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${escapeControls(text).replaceAll("'", "'\\''")}'`
