import { formatRate, formatSize, type Progress } from '../lib/index.js'

/** A live line on a terminal. */
export type ProgressLine = {
  /** Makes room for something else to be written. */
  clear(): void
  /** Clears the line for good. */
  stop(): void
}

/** Draws a live line on a terminal until it is stopped. */
export const drawProgress = (progress: () => Progress, stderr: NodeJS.WriteStream): ProgressLine => {
  let isDrawn = false
  const draw = (): void => {
    // A terminal that does not know its width says 0.
    stderr.write(`\r\x1b[K${progressLine(progress(), stderr.columns || 80)}`)
    isDrawn = true
  }
  draw()
  const timer = setInterval(draw, 200)
  timer.unref()
  const clear = (): void => {
    if (isDrawn) stderr.write('\r\x1b[K')
    isDrawn = false
  }
  return {
    clear,
    stop() {
      clearInterval(timer)
      clear()
    },
  }
}

/** One line that fits `columns`: what matters most comes first. */
export const progressLine = (
  { entries, read, stored, planned, skipped, failed, rate, cap, bytesReceived }: Progress,
  columns: number,
): string => {
  const failures = sum(failed)
  const parts = [
    `${entries}/${read}`,
    `${formatRate(rate)}${cap === Number.POSITIVE_INFINITY ? '' : ` of ${formatRate(cap)}`}`,
    ...(failures > 0 ? [`${failures} failed`] : []),
    planned ? `${planned.assets} planned` : `${stored} stored`,
    `${sum(skipped)} skipped`,
    formatSize(bytesReceived),
  ]
  // The last column stays free: writing there makes some terminals go to the next line.
  const fits = (line: string): boolean => line.length < columns
  return parts
    .reduce((line, part) => (fits(`${line} · ${part}`) ? `${line} · ${part}` : line))
    .slice(0, columns - 1)
}

const sum = (counts: Partial<Record<string, number>>): number =>
  Object.values(counts).reduce<number>((total, n) => total + (n ?? 0), 0)
