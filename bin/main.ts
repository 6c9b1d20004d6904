import { readFileSync, writeFileSync } from 'node:fs'
import { exitCodeOf, flagOf, type OptionName, type Row, type Run, readOption, redactText, SyncError, type Summary, sync, table, toLine } from '../lib/index.js'
import { type CommandLine, readCommandLine } from './flags.js'
import { help } from './help.js'
import { type Logger, openLog } from './log.js'
import { openManifests } from './manifests.js'
import { output } from './output.js'
import { drawProgress } from './progress.js'
import { report } from './report.js'

/** The command: reads its line, runs it, and gives the exit status. */
export const main = async (process: NodeJS.Process): Promise<number> => {
  const { stdout, stderr, argv } = process
  try {
    const line = readCommandLine(argv.slice(2))
    const [verb] = line.words
    if (line.version) return print(stdout, `${version()}\n`)
    if (line.help || verb === 'help') return print(stdout, help())
    return await runSync(line, process)
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    stderr.write(`sluice: ${redactText(error.message)}\n`)
    return exitCodeOf(error)
  }
}

const print = (stdout: NodeJS.WriteStream, text: string): number => {
  stdout.write(text)
  return 0
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

const runSync = async (line: CommandLine, process: NodeJS.Process): Promise<number> => {
  const { stdin, stdout, stderr, env } = process
  const [verb, ...rest] = line.words
  const options = { ...fromEnvironment(env), ...line.options } as Record<OptionName, string>
  if (options.out === undefined) throw new SyncError('ERR_OPTION', '--out: expected a directory, got nothing; see sluice --help')
  const { format = 'auto', select } = options
  const names = verb === 'sync' ? rest : line.words
  const log = openLog({ level: line.logLevel, stderr })
  const interruption = new AbortController()
  const run = sync(
    openManifests(names, { stdin, options: { format: format as 'auto', ...(select !== undefined && { select }) } }),
    { ...options, signal: interruption.signal },
  )
  const unlisten = onSignals(process, interruption)
  const showsProgress = line.progress ?? (stderr.isTTY && !line.quiet)
  const erase = showsProgress ? drawProgress(run.progress, stderr) : () => {}
  try {
    const exitCode = await writeOutcomes(run, { stdout, log })
    erase()
    if (run.summary) showSummary(run.summary, { line, log, stderr })
    return exitCode
  } finally {
    erase()
    unlisten()
    // A silent stdin would keep the process alive.
    stdin.destroy()
  }
}

/** Outcomes go to stdout as they happen; what ends the run is one line on stderr. */
const writeOutcomes = async (run: Run, { stdout, log }: { stdout: NodeJS.WriteStream; log: Logger }): Promise<number> => {
  const lines = output(stdout)
  try {
    for await (const outcome of run) {
      await lines.write(toLine(outcome))
      if (outcome.status === 'failed') log.debug({ index: outcome.index, url: outcome.url, ...outcome.error }, 'failed')
      if (lines.error) break
    }
    await lines.end()
  } catch (error) {
    await lines.end()
    if (!(error instanceof SyncError)) throw error
    const { code, message, offset, cause } = error
    // Whoever pressed Ctrl-C knows.
    if (code === 'ERR_ABORTED') log.info(`interrupted by ${cause}`)
    else log.error({ code, ...(offset !== undefined && { offset }) }, message)
    if (code === 'ERR_INTERNAL') log.debug(String(cause instanceof Error ? cause.stack : cause))
    return exitCodeOf(error)
  }
  if (lines.error && lines.error.code !== 'EPIPE') throw new SyncError('ERR_DESTINATION', `stdout: ${lines.error.message}`)
  return run.summary?.exitCode ?? 0
}

const showSummary = (summary: Summary, { line, log, stderr }: { line: CommandLine; log: Logger; stderr: NodeJS.WriteStream }): void => {
  if (line.summary !== undefined) writeFileSync(line.summary, `${JSON.stringify(summary, null, 2)}\n`)
  if (line.quiet) return
  if (stderr.isTTY) stderr.write(`${report(summary)}\n`)
  else log.info(summary, 'summary')
}

/** `SLUICE_PER_ORIGIN` for `perOrigin`; a wrong value is named by its variable. */
const fromEnvironment = (env: NodeJS.ProcessEnv): Record<string, unknown> => {
  const given: Record<string, unknown> = {}
  for (const [name, row] of Object.entries(table)) {
    const variable = `SLUICE_${flagOf(name, row).slice(2).toUpperCase().replaceAll('-', '_')}`
    const value = env[variable]
    if (value === undefined || value === '') continue
    readOption(row as Row<unknown>, variable, value)
    given[name] = value
  }
  return given
}

/** The first signal ends the run in good order, the second one at once. */
const onSignals = (process: NodeJS.Process, interruption: AbortController): (() => void) => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const interrupt = (signal: NodeJS.Signals) => {
    if (interruption.signal.aborted) process.exit(exitCodeOf(new SyncError('ERR_ABORTED', 'interrupted', { cause: signal })))
    interruption.abort(signal)
  }
  for (const signal of signals) process.on(signal, interrupt)
  return () => {
    for (const signal of signals) process.off(signal, interrupt)
  }
}
