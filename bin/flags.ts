import { parseArgs } from 'node:util'
import {
  flagOf,
  type Kind,
  kinds,
  nearestTo,
  type OptionName,
  type Row,
  readOption,
  SyncError,
  table,
} from '../lib/index.js'

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
  help: row(kinds.yes, { short: 'h', help: 'show this help' }),
  version: row(kinds.yes, { help: 'show the version' }),
}

type Name = OptionName | keyof typeof commandTable
type Given = Partial<Record<Name, unknown>>

const rows = Object.entries({ ...table, ...commandTable } as Record<Name, Row<unknown>>) as [
  Name,
  Row<unknown>,
][]

/** Every flag, by its name without dashes. */
const flags = new Map(rows.map(([name, row]) => [flagOf(name, row).slice(2), { name, row }]))

export type CommandLine = {
  /** Options of the run as given, to be checked by the library. */
  options: Partial<Record<OptionName, unknown>>
  summary: string | undefined
  progress: boolean | undefined
  logLevel: string
  quiet: boolean
  help: boolean
  version: boolean
  /** What is not a flag: manifests, and maybe a verb before them. */
  words: readonly string[]
}

/**
 * Reads a command line over the `SLUICE_*` variables of the environment; throws ERR_OPTION that names the flag or the
 * variable. Values of the run's options that come from flags are left for the library to check.
 */
export const readCommandLine = (args: readonly string[], environment: NodeJS.ProcessEnv): CommandLine => {
  const { given, words } = readFlags(args)
  const inherited = readEnvironment(environment)
  const { summary, progress, logLevel, verbose, quiet, help, version, ...options } = {
    ...inherited,
    ...given,
  }
  return {
    options,
    words,
    summary: read('summary', summary),
    progress: read('progress', progress),
    // A flag wins over a variable, also where they are about the same thing under another name.
    logLevel: levelOf(given) ?? levelOf(inherited) ?? read('logLevel', commandTable.logLevel.default) ?? '',
    quiet: read('quiet', quiet) ?? false,
    help: read('help', help) ?? false,
    version: read('version', version) ?? false,
  }
}

const levelOf = ({ logLevel, quiet, verbose }: Given): string | undefined =>
  read('logLevel', logLevel) ??
  (read('quiet', quiet) ? 'warn' : read('verbose', verbose) ? 'debug' : undefined)

type ValueOf<R> = R extends Row<infer Value> ? Value : never

const read = <N extends keyof typeof commandTable>(
  name: N,
  value: unknown,
): ValueOf<(typeof commandTable)[N]> | undefined =>
  value === undefined
    ? undefined
    : readOption(commandTable[name] as Row<ValueOf<(typeof commandTable)[N]>>, flagOf(name), value)

const readFlags = (args: readonly string[]): { given: Given; words: readonly string[] } => {
  const { tokens } = parseArgs({
    args: [...args],
    options: parseArgsOptions,
    strict: false,
    tokens: true,
    allowNegative: true,
  })
  const given: Given = {}
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, row } = known(token.name, token.rawName)
    const value = row.kind.arity === 'none' ? readSwitch(token) : readValue(token, row.kind)
    given[name] = row.kind.arity === 'many' ? [...((given[name] as unknown[]) ?? []), value] : value
  }
  return { given, words }
}

type Token = { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined }

const readSwitch = ({ rawName, value }: Token): boolean => {
  if (value !== undefined)
    throw new SyncError('ERR_OPTION', `${rawName}: expected no value, got ${JSON.stringify(value)}`)
  return !rawName.startsWith('--no-')
}

const readValue = ({ name, rawName, value, inlineValue }: Token, { expected }: Kind<unknown>): string => {
  if (value === undefined) throw new SyncError('ERR_OPTION', `${rawName}: expected ${expected}, got nothing`)
  // Far more often the value was forgotten than that it begins with a dash.
  if (!inlineValue && /^-./.test(value))
    throw new SyncError(
      'ERR_OPTION',
      `${rawName}: expected ${expected}, got the flag ${JSON.stringify(value)}; a value with a dash in front is written --${name}=VALUE`,
    )
  return value
}

const parseArgsOptions = Object.fromEntries(
  [...flags].map(([flag, { row }]) => [
    flag,
    {
      type: row.kind.arity === 'none' ? ('boolean' as const) : ('string' as const),
      ...(row.short !== undefined && { short: row.short }),
    },
  ]),
)

const known = (flag: string, rawName: string): { name: Name; row: Row<unknown> } => {
  const found = flags.get(flag)
  if (found && !(rawName.startsWith('--no-') && found.row.kind.arity !== 'none')) return found
  const nearest = nearestTo(flag, [...flags.keys()])
  throw new SyncError(
    'ERR_OPTION',
    `${rawName}: no such flag${nearest ? `; did you mean --${nearest}?` : '; see sluice --help'}`,
  )
}

/** Nothing inherits these: a SLUICE_VERSION of some deployment is no wish to see the version. */
const neverInherited = new Set<Name>(['help', 'version'])

/** `SLUICE_PER_ORIGIN` for `perOrigin`; a wrong value is named by its variable. */
const readEnvironment = (environment: NodeJS.ProcessEnv): Given => {
  const given: Given = {}
  for (const [name, row] of rows) {
    const flag = flagOf(name, row)
    const variable = `SLUICE_${flag.slice(2).toUpperCase().replaceAll('-', '_')}`
    const value = environment[variable]
    if (value === undefined || value === '' || neverInherited.has(name)) continue
    try {
      readOption(row, flag, value)
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      throw new SyncError('ERR_OPTION', `${variable} for ${error.message}`)
    }
    given[name] = value
  }
  return given
}
