import { flagOf, kinds, type OptionName, type OriginSection, type Row, readOption } from '../lib/index.js'
import { commandTable, type Given } from './command-table.js'
import { type Config, readConfig } from './config.js'
import { readEnvironment } from './environment.js'
import { readFlags } from './flags.js'

export type CommandLine = {
  /** Options of the run, to be checked by the library. */
  options: Partial<Record<OptionName, unknown>> & { origins?: Config['origins'] }
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
 * What is asked for: flags win over the `SLUICE_*` variables of the environment, which win over the configuration file. Throws
 * ERR_OPTION that names the flag, the variable or the file. Values that come from flags are left for the library to check.
 */
export const readCommandLine = (args: readonly string[], environment: NodeJS.ProcessEnv): CommandLine => {
  const { given, words } = readFlags(args)
  // Who asks for help shall have it, whatever else is wrong.
  const isAsking = given.help === true || given.version === true || words[0] === 'help'
  const inherited = isAsking ? {} : readEnvironment(environment)
  const file = read('config', given.config ?? inherited.config)
  const config = file === undefined || isAsking ? noConfig : readConfig(file)
  const origins = without(config.origins, { ...inherited, ...given })
  const all = { ...config.given, ...inherited, ...given }
  const { summary, progress, logLevel, verbose, quiet, config: _, help, version, ...options } = all
  return {
    options: { ...options, ...(Object.keys(origins).length > 0 && { origins }) },
    words,
    summary: read('summary', summary),
    progress: read('progress', progress),
    // A flag wins over a variable, also where they are about the same thing under another name.
    logLevel:
      levelOf(given) ??
      levelOf(inherited) ??
      levelOf(config.given) ??
      read('logLevel', commandTable.logLevel.default) ??
      '',
    quiet: read('quiet', quiet) ?? false,
    help: read('help', help) ?? false,
    version: read('version', version) ?? false,
  }
}

const noConfig: Config = { given: {}, origins: {} }

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

/** Sections of origins without what flags and variables say otherwise; caps of an origin hold besides those of the run. */
const without = (origins: Config['origins'], given: Given): Config['origins'] =>
  Object.fromEntries(
    Object.entries(origins).map(([origin, section]) => [
      origin,
      Object.fromEntries(
        Object.entries(section as OriginSection).flatMap(([name, value]) => {
          if (name === 'bwlimit' || name === 'tpslimit' || !(name in given)) return [[name, value]]
          return name === 'headers' ? [[name, withoutHeaders(value, given.headers)]] : []
        }),
      ),
    ]),
  )

/** Headers less those that are given elsewhere. */
const withoutHeaders = (headers: unknown, given: unknown): Record<string, string> => {
  const names = new Set(Object.keys(kinds.headers.read(given) ?? {}).map(name => name.toLowerCase()))
  return Object.fromEntries(
    Object.entries(kinds.headers.read(headers) ?? {}).filter(([name]) => !names.has(name.toLowerCase())),
  )
}
