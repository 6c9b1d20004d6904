import { flagOf, type Kind, kinds, type OptionName, type Row, readOption, table } from '../lib/index.js'

const row = <Value>(kind: Kind<Value>, details: Omit<Row<Value>, 'kind'>): Row<Value> => ({
  kind,
  ...details,
})

/** What the command has on top of the library's options. */
export const commandTable = {
  summary: row(kinds.text, { value: 'FILE', help: 'write the summary there as JSON' }),
  progress: row(kinds.yes, {
    help: 'a live line on stderr; by default only on a terminal (--no-progress: never)',
  }),
  logLevel: row(kinds.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
    value: 'LEVEL',
    default: 'info',
    help: 'trace, debug, info, warn, error, fatal or silent; JSON on stderr unless it is a terminal',
  }),
  verbose: row(kinds.yes, { short: 'v', help: 'as --log-level debug' }),
  quiet: row(kinds.yes, { short: 'q', help: 'as --log-level warn, without progress and summary' }),
  config: row(kinds.text, {
    value: 'FILE',
    help: 'options from a JSON file, by their names in camelCase, and origins with options of their own',
  }),
  help: row(kinds.yes, { short: 'h', help: 'show this help' }),
  version: row(kinds.yes, { help: 'show the version' }),
}

type ValueOf<R> = R extends Row<infer Value> ? Value : never

/** The value of one of these, checked; throws ERR_OPTION that names its flag. */
export const readOwn = <N extends keyof typeof commandTable>(
  name: N,
  value: unknown,
): ValueOf<(typeof commandTable)[N]> | undefined =>
  value === undefined
    ? undefined
    : readOption(commandTable[name] as Row<ValueOf<(typeof commandTable)[N]>>, flagOf(name), value)

/** Everything that a command line, a variable or a configuration file can name. */
export type Name = OptionName | keyof typeof commandTable

/** What one of these gives, before it is checked. */
export type Given = Partial<Record<Name, unknown>>

export const rows = Object.entries({ ...table, ...commandTable } as Record<Name, Row<unknown>>) as [
  Name,
  Row<unknown>,
][]

/** Every flag, by its name without dashes. */
export const flags = new Map(rows.map(([name, row]) => [flagOf(name, row).slice(2), { name, row }]))
