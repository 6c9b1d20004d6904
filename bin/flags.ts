import { parseArgs } from 'node:util'
import { flagOf, type Kind, kinds, type OptionName, type Row, readOption, SyncError, table } from '../lib/index.js'

const row = <Value>(kind: Kind<Value>, details: Omit<Row<Value>, 'kind'>): Row<Value> => ({ kind, ...details })

/** What the command has on top of the library's options. */
export const commandTable = {
  summary: row(kinds.text, { value: 'FILE', help: 'write the summary there as JSON' }),
  progress: row(kinds.yes, { help: 'a live line on stderr; by default only on a terminal (--no-progress: never)' }),
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

/** Every flag, by its name without dashes. */
const flags = new Map(
  Object.entries({ ...table, ...commandTable } as Record<string, Row<unknown>>).map(([name, row]) => [
    flagOf(name, row).slice(2),
    { name, row },
  ]),
)

export type CommandLine = {
  /** Options of the run as given, to be checked by the library. */
  options: Partial<Record<OptionName, unknown>>
  summary?: string
  progress?: boolean
  logLevel: string
  quiet: boolean
  help: boolean
  version: boolean
  /** What is not a flag: manifests, and maybe a verb before them. */
  words: readonly string[]
}

/** Reads a command line; throws ERR_OPTION that names the flag. Values of the run's options are left for the library to check. */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const { tokens } = parseArgs({ args: [...args], options: parseArgsOptions(), strict: false, tokens: true, allowNegative: true })
  const given: Record<string, unknown> = {}
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, row } = known(token.name, token.rawName)
    const takesValue = row.kind.arity !== 'none'
    if (takesValue && (token.value === undefined || (token.inlineValue === false && token.value.startsWith('--'))))
      throw new SyncError('ERR_OPTION', `${token.rawName}: expected ${row.kind.expected}, got nothing`)
    if (!takesValue && token.value !== undefined)
      throw new SyncError('ERR_OPTION', `${token.rawName}: expected no value, got ${JSON.stringify(token.value)}`)
    const value = takesValue ? token.value : !token.rawName.startsWith('--no-')
    given[name] = row.kind.arity === 'many' ? [...((given[name] as unknown[]) ?? []), value] : value
  }
  return toCommandLine(given, words)
}

const toCommandLine = (given: Record<string, unknown>, words: readonly string[]): CommandLine => {
  const read = <Value>(name: keyof typeof commandTable, row: Row<Value>): Value | undefined => {
    const value = given[name] ?? row.default
    delete given[name]
    return value === undefined ? undefined : readOption(row, flagOf(name), value)
  }
  const summary = read('summary', commandTable.summary)
  const progress = read('progress', commandTable.progress)
  const isQuiet = read('quiet', commandTable.quiet) ?? false
  const isVerbose = read('verbose', commandTable.verbose) ?? false
  const level = given['logLevel']
  const logLevel = read('logLevel', commandTable.logLevel) ?? 'info'
  return {
    logLevel: level !== undefined ? logLevel : isQuiet ? 'warn' : isVerbose ? 'debug' : logLevel,
    quiet: isQuiet,
    help: read('help', commandTable.help) ?? false,
    version: read('version', commandTable.version) ?? false,
    words,
    options: given,
    ...(summary !== undefined && { summary }),
    ...(progress !== undefined && { progress }),
  }
}

const parseArgsOptions = () =>
  Object.fromEntries(
    [...flags].map(([flag, { row }]) => [
      flag,
      {
        type: row.kind.arity === 'none' ? ('boolean' as const) : ('string' as const),
        multiple: row.kind.arity === 'many',
        ...(row.short !== undefined && { short: row.short }),
      },
    ]),
  )

const known = (flag: string, rawName: string): { name: string; row: Row<unknown> } => {
  const found = flags.get(flag)
  const isNegated = rawName.startsWith('--no-')
  if (found && !(isNegated && found.row.kind.arity !== 'none')) return found
  const nearest = nearestTo(flag, [...flags.keys()])
  throw new SyncError('ERR_OPTION', `${rawName}: no such flag${nearest ? `; did you mean --${nearest}?` : '; see sluice --help'}`)
}

/** The name at the smallest edit distance, if that is small enough for a slip of the hand. */
const nearestTo = (word: string, names: readonly string[]): string | undefined => {
  const [nearest] = names
    .map(name => ({ name, distance: editDistance(word, name) }))
    .filter(({ distance, name }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
  return nearest?.name
}

/** Levenshtein's distance, one row of his table at a time. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    row = next
  }
  return row.at(-1) ?? 0
}
