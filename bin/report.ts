import {
  type Code,
  formatDuration,
  formatRate,
  formatRateOf,
  formatSize,
  type Summary,
} from '../lib/index.js'
import { exitStatuses } from './exit-statuses.js'
import type { Terminal } from './terminal.js'
import { hang } from './wrap.js'

export type ReportOptions = Pick<Terminal, 'paint'> & {
  columns: number
  /** How what failed is tried again. */
  retry: string
}

/** Of labels, and a gap behind them. */
const indent = 12

/** The summary for people: a line for each thing that happened, and what to do about what failed. */
export const report = (summary: Summary, { columns, paint, retry }: ReportOptions): string => {
  const { entries, bytesReceived, meanRate, ms, exitCode, resumeAt } = summary
  const line = (label: string, ...facts: readonly (string | false)[]): string =>
    hang(`  ${label}`, facts.filter(fact => fact !== false).join(', '), { indent, columns })
  const failures = countsOf(summary.failed)
  return [
    `${entries} ${entries === 1 ? 'entry' : 'entries'} in ${formatDuration(ms)}`,
    summary.planned
      ? line('planned', ...plannedFacts(summary.planned, summary.plannedMs))
      : line('stored', `${summary.stored} (${formatSize(summary.bytesStored)})`),
    ...skippedFacts(summary).map(facts => line('skipped', ...facts)),
    ...(failures.length > 0 ? [paint('red', line('failed', ...failures))] : []),
    ...(isWorthARetry(summary) ? [`  ${'retry'.padEnd(indent - 2)}${retry}`] : []),
    line('received', formatSize(bytesReceived), `${formatRate(meanRate)} on average`),
    // Shorter than a second there is no worst one, and a plan receives next to nothing.
    ...(ms >= 1000 && !summary.planned ? [line('peak', ...peakFacts(summary))] : []),
    ...(resumeAt ? [line('resume', `not before ${localTime(resumeAt)}`)] : []),
    ...(isInterrupted(exitCode) ? [line('next', 'the same command goes on where this one stopped')] : []),
    ...(exitCode > 0 ? [line('exit', `${exitCode}: ${exitStatuses.get(exitCode)}`)] : []),
  ].join('\n')
}

const countsOf = (by: Partial<Record<string, number>>): string[] =>
  Object.entries(by).map(([name, n]) => `${n} ${name}`)

const plannedFacts = (
  { assets, bytes, unknownSize }: NonNullable<Summary['planned']>,
  plannedMs = 0,
): readonly (string | false)[] => [
  `${assets} (${formatSize(bytes)})`,
  unknownSize > 0 && `${unknownSize} of unknown size`,
  plannedMs > 0 && `${formatDuration(plannedMs)} at the cap`,
]

const skippedFacts = ({ skipped, bytesSaved }: Summary): readonly (readonly (string | false)[])[] => {
  const counts = countsOf(skipped)
  return counts.length === 0 ? [] : [[...counts, bytesSaved > 0 && `${formatSize(bytesSaved)} saved`]]
}

const peakFacts = ({ cap, worstSecond, capBreached }: Summary): readonly (string | false)[] => [
  `${formatRateOf(worstSecond, cap ?? Number.POSITIVE_INFINITY)} in the worst second`,
  capBreached && 'more than a tenth above the cap',
]

/** Where something failed that the same entry may not fail of again. */
const isWorthARetry = ({ planned, failed, exitCode }: Summary): boolean =>
  !planned && Object.keys(failed).some(code => !hopeless.has(code)) && !isInterrupted(exitCode)

/** What only another manifest or other options mend. */
const hopeless = new Set<string>([
  'ERR_ENTRY_INVALID',
  'ERR_PATH_INVALID',
  'ERR_PATH_ESCAPE',
  'ERR_PATH_TAKEN',
  'ERR_URL_SCHEME',
  'ERR_PRIVATE_NETWORK',
] satisfies Code[])

/** By a signal: what was not read is in the manifest only. */
const isInterrupted = (exitCode: number): boolean => exitCode > 128

/** A moment by the clock of whoever reads it, to the minute after it. */
const localTime = (iso: string): string => {
  const at = new Date(Math.ceil(Date.parse(iso) / 60_000) * 60_000)
  const [month, day, hours, minutes] = [at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes()].map(
    part => String(part).padStart(2, '0'),
  )
  return `${at.getFullYear()}-${month}-${day} ${hours}:${minutes}`
}
