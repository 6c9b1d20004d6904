import { formatRate, formatSize, type Progress } from '../lib/index.js'

/** Draws a live line on a terminal until it is stopped. */
export const drawProgress = (progress: () => Progress, stderr: NodeJS.WriteStream): (() => void) => {
  const draw = () => stderr.write(`\r\x1b[K${progressLine(progress(), stderr.columns ?? 80)}`)
  const timer = setInterval(draw, 200)
  timer.unref()
  return () => {
    clearInterval(timer)
    stderr.write('\r\x1b[K')
  }
}

/** One line that fits `columns`: what matters most comes first. */
export const progressLine = ({ entries, read, stored, skipped, failed, rate, cap, bytesReceived }: Progress, columns: number): string => {
  const sum = (counts: Partial<Record<string, number>>): number => Object.values(counts).reduce<number>((total, n) => total + (n ?? 0), 0)
  const share = cap === Number.POSITIVE_INFINITY ? '' : ` of ${formatRate(cap)}`
  const parts = [
    `${entries}/${read}`,
    `${formatRate(rate)}${share}`,
    ...(sum(failed) > 0 ? [`${sum(failed)} failed`] : []),
    `${stored} stored`,
    `${sum(skipped)} skipped`,
    formatSize(bytesReceived),
  ]
  return parts.reduce((line, part) => (line.length + part.length + 3 < columns ? `${line} · ${part}` : line))
}
