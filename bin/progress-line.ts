import { formatDuration, formatRateOf, formatSize, type Progress } from '../lib/index.js'
import type { Terminal } from './terminal.js'

export type ProgressLineOptions = {
  columns: number
  paint?: Terminal['paint']
  /** Milliseconds until the run is over, where that can be told. */
  leftMs?: number | undefined
}

/** One way to say something, and shorter ones for where it does not fit. */
type Part = readonly string[]

/** How a run is going, in one line that fits `columns`: what matters most comes first, and what does not fit is left out. */
export const progressLine = (
  progress: Progress,
  { columns, paint = (_, text) => text, leftMs }: ProgressLineOptions,
): string => {
  const failures = sum(progress.failed)
  const failed = failures > 0 ? `${failures} failed` : ''
  const line = fit(partsOf(progress, failed, leftMs), columns)
  // Last, since colours take no columns.
  return failed ? line.replace(failed, paint('red', failed)) : line
}

const partsOf = (progress: Progress, failed: string, leftMs: number | undefined): readonly Part[] => {
  const { entries, read, total, stored, planned, skipped, rate, cap, bytesReceived, waiting } = progress
  const skips = sum(skipped)
  return [
    // A plus where there are at least as many.
    [total === undefined ? `${entries}/${read}+` : `${entries}/${total}`],
    [failed],
    [formatRateOf(rate, cap), formatRateOf(rate, Number.POSITIVE_INFINITY)],
    [leftMs === undefined ? '' : `${formatDuration(leftMs)} left`],
    inFlight(progress),
    waits(waiting),
    [planned ? `${planned.assets} planned` : `${stored} stored`],
    [skips > 0 ? `${skips} skipped` : ''],
    [formatSize(bytesReceived)],
    [waiting.slot > 0 ? `${waiting.slot} queued` : ''],
  ]
}

const inFlight = ({ inFlight, waiting }: Progress): Part => {
  const all = `${inFlight} in flight`
  const waits = [
    ...(waiting.cap > 0 ? [`${waiting.cap} wait for the cap`] : []),
    ...(waiting.request > 0 ? [`${waiting.request} wait for the request limit`] : []),
  ]
  return waits.length > 0 ? [`${all} (${waits.join(', ')})`, all] : [all]
}

/** What those wait for that are not in flight. */
const waits = ({ origin, retry }: Progress['waiting']): Part => {
  if (origin + retry === 0) return ['']
  const reasons = [origin > 0 && `${origin} for a held origin`, retry > 0 && `${retry} for a retry`]
  return [`waiting: ${reasons.filter(reason => reason !== false).join(', ')}`, `${origin + retry} waiting`]
}

/** As much of the parts as a line has room for, in their order, each in the longest form that fits. */
const fit = ([[first = ''] = [], ...parts]: readonly Part[], columns: number): string => {
  // The last column stays free: writing there makes some terminals go to the next line.
  const fits = (line: string): boolean => line.length < columns
  return parts
    .filter(([longest]) => longest !== '')
    .reduce((line, part) => part.map(form => `${line} · ${form}`).find(fits) ?? line, first)
    .slice(0, columns - 1)
}

const sum = (counts: Partial<Record<string, number>>): number =>
  Object.values(counts).reduce<number>((total, n) => total + (n ?? 0), 0)
