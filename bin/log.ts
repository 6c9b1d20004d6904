import { type DestinationStream, type Logger, pino } from 'pino'
import { redactText } from '../lib/index.js'

export type { Logger }

/** The log on stderr: JSON for machines, a readable line on a terminal; no URL in it shows its user info or query. */
export const openLog = ({ level, stderr }: { level: string; stderr: NodeJS.WriteStream }): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    stderr.isTTY ? readable(stderr) : redacted(stderr),
  )

// Not pino's redact, which knows keys only: a URL can stand anywhere in a message.
const redacted = (stderr: NodeJS.WriteStream): DestinationStream => ({
  write: line => stderr.write(`${redactText(line.trimEnd())}\n`),
})

const readable = (stderr: NodeJS.WriteStream): DestinationStream => ({
  write(line) {
    const { level, time, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
    const details = Object.entries(facts).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const clock = String(time).slice(11, 19)
    stderr.write(`\r\x1b[K${redactText([clock, String(level).padEnd(5), msg, ...details].join(' '))}\n`)
  },
})
