import { stripVTControlCharacters } from 'node:util'
import type { Progress } from '../lib/index.js'
import type { Logger } from './log.js'
import { progressLine } from './progress-line.js'
import { emptyLine, type Terminal } from './terminal.js'
import { timeLeft } from './time-left.js'

/** Tells how a run is going. */
export type ProgressTeller = {
  /** Makes room for something else to be written. */
  clear(): void
  /** Tells nothing more. */
  stop(): void
}

export type ProgressOptions = {
  stderr: Pick<NodeJS.WriteStream, 'write'>
  terminal: Terminal
  log: Logger
  /** Milliseconds between two lines where a line cannot be drawn anew. */
  everyMs?: number
}

/**
 * Tells how a run is going until it is stopped: as a live line where a line can be drawn anew, else as a record of the log
 * now and then, which does not make one endless line of a file or a journal.
 */
export const tellProgress = (
  progress: () => Progress,
  { stderr, terminal, log, everyMs = 10_000 }: ProgressOptions,
): ProgressTeller => {
  const left = timeLeft()
  /** Columns of the line that stands there; 0 for none. */
  let drawn = 0

  const lineOf = (now: Progress): string =>
    progressLine(now, { columns: terminal.columns(), paint: terminal.paint, leftMs: left(now) })

  const draw = (): void => {
    const line = lineOf(progress())
    stderr.write(erase(drawn, terminal.columns()) + line)
    drawn = stripVTControlCharacters(line).length
  }
  const record = (): void => {
    const now = progress()
    if (terminal.isTTY) log.info(lineOf(now))
    else log.info(toFacts(now), 'progress')
  }
  const tell = terminal.canRedraw ? draw : record
  // Nothing has happened yet: on a terminal that is only worth a line that is drawn anew.
  if (terminal.canRedraw || !terminal.isTTY) tell()
  const timer = setInterval(tell, terminal.canRedraw ? 200 : everyMs)
  timer.unref()

  const clear = (): void => {
    if (drawn > 0) stderr.write(erase(drawn, terminal.columns()))
    drawn = 0
  }
  return {
    clear,
    stop() {
      clearInterval(timer)
      clear()
    },
  }
}

/** Erases a line that was drawn: a terminal that became narrower since has broken it into several. */
const erase = (drawn: number, columns: number): string => {
  const rows = Math.ceil(drawn / columns)
  return rows > 1 ? `\x1b[${rows - 1}A\r\x1b[J` : emptyLine
}

/** What JSON can hold: as in the summary, no cap is null. */
const toFacts = ({ cap, ...facts }: Progress): object => ({
  ...facts,
  cap: cap === Number.POSITIVE_INFINITY ? null : cap,
})
