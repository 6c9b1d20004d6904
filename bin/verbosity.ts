import { commandTable, type Given, readOwn } from './command-table.js'

/** How much is told. */
export type Verbosity = { logLevel: string; quiet: boolean }

/**
 * How much is told, by the first of `layers` that says anything of it: level and quiet come from the same one. A switch that
 * is turned off (--no-quiet) only turns off the same one of the layers behind.
 */
export const verbosityOf = (layers: readonly Given[]): Verbosity => {
  let mayQuiet = true
  let mayVerbose = true
  for (const { logLevel, quiet, verbose } of layers) {
    const level = readOwn('logLevel', logLevel)
    const isQuiet = mayQuiet && readOwn('quiet', quiet) === true
    const isVerbose = mayVerbose && readOwn('verbose', verbose) === true
    if (level !== undefined || isQuiet || isVerbose)
      return { logLevel: level ?? (isQuiet ? 'warn' : 'debug'), quiet: isQuiet }
    mayQuiet &&= quiet === undefined
    mayVerbose &&= verbose === undefined
  }
  return { logLevel: commandTable.logLevel.default ?? '', quiet: false }
}
