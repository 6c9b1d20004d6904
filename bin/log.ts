import { type DestinationStream, type Logger, pino } from 'pino'
import { redactText } from '../lib/index.js'
import { type Colour, emptyLine, type Terminal } from './terminal.js'

export type { Logger }

export type LogOptions = {
  level: string
  stderr: Pick<NodeJS.WriteStream, 'write'>
  terminal: Terminal
}

/** The log on stderr: JSON for machines, a readable line on a terminal; no URL in it shows its user info or query. */
export const openLog = ({ level, stderr, terminal }: LogOptions): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    terminal.isTTY ? readable(stderr, terminal) : redacted(stderr),
  )

// Not pino's redact, which knows keys only: a URL can stand anywhere in a message.
const redacted = (stderr: LogOptions['stderr']): DestinationStream => ({
  write: line => stderr.write(`${redactText(line.trimEnd())}\n`),
})

const colours: Partial<Record<string, Colour>> = { warn: 'yellow', error: 'red', fatal: 'red' }

const readable = (stderr: LogOptions['stderr'], { canRedraw, paint }: Terminal): DestinationStream => ({
  write(line) {
    const { level, time, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
    const details = Object.entries(facts).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const label = String(level)
    const colour = colours[label]
    const shown = colour ? paint(colour, label.padEnd(5)) : label.padEnd(5)
    // A line of progress may stand there.
    const start = `${canRedraw ? emptyLine : ''}${clockOf(String(time))} ${shown} `
    stderr.write(`${start}${redactText([msg, ...details].join(' '))}\n`)
  },
})

/** The time of day where the terminal is, as the summary has it. */
const clockOf = (time: string): string => new Date(time).toTimeString().slice(0, 8)
