import { type OptionName, type OriginSection, type Row, table } from '../lib/index.js'
import { type Given, readOwn } from './command-table.js'
import { type Config, readConfig } from './config.js'
import { readEnvironment } from './environment.js'
import { readFlags } from './flags.js'
import { mergeHeaders, withoutHeaders } from './merge-headers.js'
import { type Verbosity, verbosityOf } from './verbosity.js'

/** What the command can do. */
export const verbs = ['sync', 'plan', 'help', 'version'] as const

type Verb = (typeof verbs)[number]

export type CommandLine = Verbosity & {
  /** Options of the run, to be checked by the library. */
  options: Partial<Record<OptionName, unknown>> & { origins?: Config['origins'] }
  /** The configuration file. */
  config: string | undefined
  summary: string | undefined
  progress: boolean | undefined
  help: boolean
  version: boolean
  /** What is asked for, unless that goes without saying: a first word, but none behind `--`. */
  verb: Verb | undefined
  /** The words behind the verb that are no flags: manifests. */
  words: readonly string[]
}

/**
 * What is asked for: flags win over the `SLUICE_*` variables of the environment, which win over the configuration file; their
 * headers are put together. Throws ERR_OPTION that names the flag, the variable or the file. Values that come from flags are left
 * for the library to check.
 */
export const readCommandLine = (args: readonly string[], environment: NodeJS.ProcessEnv): CommandLine => {
  const { given, words, plain } = readFlags(args)
  const verb = plain > 0 ? verbs.find(verb => verb === words[0]) : undefined
  // Who asks for help shall have it, whatever else is wrong.
  const isAsking = given.help === true || given.version === true || verb === 'help' || verb === 'version'
  const inherited = isAsking ? {} : readEnvironment(environment)
  const file = readOwn('config', given.config ?? inherited.config)
  const config = file === undefined || isAsking ? noConfig : readConfig(file)
  const called = layered(inherited, given)
  const origins = without(config.origins, called)
  const all = layered(config.given, called)
  return {
    options: { ...ofTheRun(all), ...(Object.keys(origins).length > 0 && { origins }) },
    verb,
    words: verb === undefined ? words : words.slice(1),
    config: file,
    summary: readOwn('summary', all.summary),
    progress: readOwn('progress', all.progress),
    ...verbosityOf([given, inherited, config.given]),
    help: given.help === true,
    version: given.version === true,
  }
}

const noConfig: Config = { given: {}, origins: {} }

/** What two sources give: `above` wins, but for headers, of which it adds its own. */
const layered = (below: Given, above: Given): Given => {
  const headers = mergeHeaders(below.headers, above.headers)
  return { ...below, ...above, ...(headers !== undefined && { headers }) }
}

const ofTheRun = (given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(table, name)))

/** Sections of origins without what flags and variables say otherwise; limits of an origin hold besides those of the run. */
const without = (origins: Config['origins'], given: Given): Config['origins'] =>
  Object.fromEntries(
    Object.entries(origins).map(([origin, section]) => [
      origin,
      Object.fromEntries(
        Object.entries(section as OriginSection).flatMap(([name, value]) => {
          if (!(name in given) || holdsBesides(name)) return [[name, value]]
          return name === 'headers' ? [[name, withoutHeaders(value, given.headers)]] : []
        }),
      ),
    ]),
  )

const holdsBesides = (name: string): boolean => {
  const row: Partial<Row<unknown>> = table[name as OptionName] ?? {}
  return row.ofOrigin === 'besides'
}
