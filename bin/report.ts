import { formatDuration, formatRate, formatSize, type Summary } from '../lib/index.js'

/** The summary for people. */
export const report = (summary: Summary): string => {
  const {
    entries,
    stored,
    planned,
    skipped,
    failed,
    bytesStored,
    bytesReceived,
    bytesSaved,
    ms,
    meanRate,
    cap,
    worstSecond,
  } = summary
  const line = (label: string, ...facts: readonly (string | false)[]): string =>
    `  ${label.padEnd(9)} ${facts.filter(fact => fact !== false).join(', ')}`
  const counts = (by: Partial<Record<string, number>>): string[] =>
    Object.entries(by).map(([name, n]) => `${n} ${name}`)
  return [
    `${entries} ${entries === 1 ? 'entry' : 'entries'} in ${formatDuration(ms)}`,
    planned
      ? line('planned', ...plannedFacts(planned, summary.plannedMs))
      : line('stored', `${stored} (${formatSize(bytesStored)})`),
    ...(counts(skipped).length > 0
      ? [line('skipped', ...counts(skipped), bytesSaved > 0 && `${formatSize(bytesSaved)} saved`)]
      : []),
    ...(counts(failed).length > 0 ? [line('failed', ...counts(failed))] : []),
    line(
      'received',
      formatSize(bytesReceived),
      `${formatRate(meanRate)} on average`,
      `${formatRate(worstSecond)} in the worst second`,
    ),
    ...(cap !== null
      ? [line('cap', formatRate(cap), summary.capBreached && 'breached in the worst second')]
      : []),
    ...(summary.resumeAt ? [line('resume', `not before ${summary.resumeAt}`)] : []),
  ].join('\n')
}

const plannedFacts = (
  { assets, bytes, unknownSize }: NonNullable<Summary['planned']>,
  plannedMs = 0,
): readonly (string | false)[] => [
  `${assets} (${formatSize(bytes)})`,
  unknownSize > 0 && `${unknownSize} of unknown size`,
  plannedMs > 0 && `${formatDuration(plannedMs)} at the cap`,
]
