import { existsSync } from 'node:fs'
import { Socket } from 'node:net'
import {
  exitCodeOf,
  type Failed,
  type ManifestOptions,
  nearestTo,
  type Observer,
  type Outcome,
  plan,
  type RunOptions,
  type Source,
  type Summary,
  SyncError,
  sync,
  toLine,
} from '../lib/index.js'
import { type CommandLine, verbs } from './command-line.js'
import { tellFailures, tellRetries } from './failures.js'
import type { Logger } from './log.js'
import { openManifests } from './manifests.js'
import { type Output, output } from './output.js'
import { tellProgress } from './progress.js'
import { report } from './report.js'
import { retryCommand } from './retry-command.js'
import { onSignals } from './signals.js'
import { openSummaryFile, toRecord } from './summary-file.js'
import { type Terminal, terminalOf } from './terminal.js'

/** Syncs what the command line asks for, or plans it: outcomes to stdout, all else to stderr; gives the exit status, throws ERR_OPTION before anything is touched. */
export const run = async (line: CommandLine, process: NodeJS.Process): Promise<number> => {
  const { out, format = 'auto', select } = line.options
  if (line.verb === undefined) refuseMistyped(line.words[0])
  if (out === undefined)
    throw new SyncError('ERR_OPTION', '--out: expected a directory, got nothing; see sluice --help')
  const manifests = openManifests(line.words, {
    stdin: () => process.stdin,
    // As they were given: sync refuses what they should not be.
    options: { format, ...(select !== undefined && { select }) } as ManifestOptions,
  })
  try {
    return await runFrom(manifests.source, { line, isPlan: line.verb === 'plan', process })
  } finally {
    manifests.close()
  }
}

/** A first word that is no manifest is likely to be a verb with a slip in it. */
const refuseMistyped = (word: string | undefined): void => {
  const verb = word === undefined || word === '-' ? undefined : nearestTo(word, verbs)
  if (verb === undefined || verb === word || existsSync(word ?? '')) return
  throw new SyncError(
    'ERR_OPTION',
    `MANIFEST: expected a readable file, got ${JSON.stringify(word)}; did you mean sluice ${verb}?`,
  )
}

const runFrom = async (
  source: Source,
  { line, isPlan, process }: { line: CommandLine; isPlan: boolean; process: NodeJS.Process },
): Promise<number> => {
  const { stdout, stderr } = process
  const interruption = new AbortController()
  const begin = isPlan ? plan : sync
  let onRetry: Observer = () => {}
  const run = begin(source, {
    ...line.options,
    signal: interruption.signal,
    observe: event => onRetry(event),
  } as RunOptions)
  const summaryFile =
    line.summary === undefined
      ? undefined
      : openSummaryFile(line.summary, {
          inUse: [0, 1, 2, ...line.words, ...(line.config === undefined ? [] : [line.config])],
          ...(!isPlan && { out: String(line.options.out) }),
        })
  // Not at the top: the logger takes as long to load as the rest of the command.
  const { openLog } = await import('./log.js')
  const terminal = terminalOf(stderr, process.env)
  const log = openLog({ level: line.logLevel, stderr, terminal })
  onRetry = tellRetries(log)
  const progress =
    (line.progress ?? (terminal.isTTY && !line.quiet))
      ? tellProgress(run.progress, { stderr, terminal, log })
      : undefined
  const unlisten = onSignals(process, {
    interruption,
    tell(message) {
      progress?.clear()
      log.info(message)
    },
  })
  const lines = output(stdout, {
    onLost: reason => interruption.abort(reason),
    ...(progress && stdout.isTTY && { beforeWrite: progress.clear }),
  })
  let unread: SyncError | undefined
  interruption.signal.addEventListener('abort', () => {
    const { reason: cause } = interruption.signal
    unread = new SyncError('ERR_ABORTED', 'stdout is not read: the rest is lost', { scope: 'run', cause })
    lines.hurry(unread)
  })
  try {
    // Whoever sees the outcomes, on a terminal or behind a pipe, is told by them.
    const onFailure = tellFailures(log, stdout instanceof Socket ? { most: 0 } : {})
    const error = await writeOutcomes(run, { lines, onFailure })
    progress?.stop()
    const exitCode = error ? exitCodeOf(error) : (run.summary?.exitCode ?? 0)
    if (lines.lost && lines.lost === unread) log.warn(unread.message)
    if (error) tell(error, log)
    if (!run.summary) return exitCode
    const summary = { ...run.summary, exitCode }
    // A reader who has seen enough wants no word of it.
    if (!line.quiet && error?.cause !== 'EPIPE')
      showSummary(summary, { log, stderr, terminal, retry: retryCommand(line) })
    const unwritten = summaryFile?.write(summary)
    if (unwritten) tell(unwritten, log)
    return unwritten && error?.code !== 'ERR_ABORTED' ? exitCodeOf(unwritten) : exitCode
  } finally {
    progress?.stop()
    unlisten()
  }
}

/** Outcomes go to stdout as they happen; gives the error that decides how the run ended, if there was one. */
const writeOutcomes = async (
  run: AsyncIterable<Outcome>,
  { lines, onFailure }: { lines: Output; onFailure: (outcome: Failed) => void },
): Promise<SyncError | undefined> => {
  let error: SyncError | undefined
  try {
    for await (const outcome of run) {
      if (outcome.status === 'failed') onFailure(outcome)
      const taken = lines.write(toLine(outcome))
      if (taken !== undefined) await taken
      // A reader who has seen enough does not want to wait for what is under way.
      if (lines.lost?.code === 'ERR_ABORTED') break
    }
  } catch (reason) {
    if (!(reason instanceof SyncError)) throw reason
    error = reason
  }
  await lines.end()
  return error?.code === 'ERR_ABORTED' ? error : (lines.lost ?? error)
}

const tell = (error: SyncError, log: Logger): void => {
  const { code, message, offset, cause } = error
  if (cause === 'EPIPE') return
  // Whoever pressed Ctrl-C knows.
  if (code === 'ERR_ABORTED') log.info(`interrupted by ${cause}`)
  else log.error({ code, ...(offset !== undefined && { offset }) }, message)
  if (code === 'ERR_INTERNAL') log.debug(String(cause instanceof Error ? cause.stack : cause))
}

const showSummary = (
  summary: Summary,
  {
    log,
    stderr,
    terminal,
    retry,
  }: { log: Logger; stderr: NodeJS.WriteStream; terminal: Terminal; retry: string },
): void => {
  if (terminal.isTTY)
    stderr.write(`${report(summary, { columns: terminal.columns(), paint: terminal.paint, retry })}\n`)
  else log.info(toRecord(summary), 'summary')
}
