import { sluice } from '../core/command.js'
import { runTool } from '../link/run-tool.js'

/** What somebody is to fetch, and how fast. */
export type Task = {
  /** A file with one URL per line; it is stdin, too. */
  list: string
  /** An empty directory for what is fetched. */
  out: string
  /** Bits per second; none of those without a cap. */
  cap: number
  inFlight: number
  /** Of sluice alone: what it is told besides. */
  more: readonly string[]
}

/** Who fetches, as a command line. */
export type Contestant = (task: Task) => string[]

/** Each as its manual says it is done: one connection for an asset, all of them under one cap where there is such a thing. */
export const contestants = {
  sluice: ({ out, cap, inFlight, more }) => [
    ...sluice(),
    ...['-q', '-o', out, '--check', 'none', '-j', `${inFlight}`, '--per-origin', `${inFlight}`],
    ...['--bwlimit', `${cap / 1e6}mbit`],
    ...more,
  ],
  'four of sluice': task => ['bash', '-c', inFour(task)],
  aria2c: task => [...aria2c(task), `--max-overall-download-limit=${task.cap / 8}`],
  'aria2c without a cap': task => aria2c(task),
  wget2: ({ list, out, cap, inFlight }) => [
    ...['wget2', '-q', '-i', list, '-P', out, `--max-threads=${inFlight}`],
    ...(hasLimitRate() ? [`--limit-rate=${cap / 8}`] : []),
  ],
  curl: ({ list, out, cap, inFlight }) => [
    ...['curl', '-sZ', '--parallel-max', `${inFlight}`, '--limit-rate', `${cap / 8}`],
    ...['--remote-name-all', '--output-dir', out, '-K', `${list}.curl`],
  ],
} satisfies Record<string, Contestant>

/** The program that has to be there for a contestant; none but our own for ourselves. */
export const programOf = (who: keyof typeof contestants): string[] =>
  who.endsWith('sluice') ? [] : who.split(' ', 1)

/** Four processes that share the list, and the cap as a pool of this machine. */
const inFour = ({ list, out, cap, inFlight, more }: Task): string => {
  const of = (number: number): string =>
    [
      ...sluice(),
      ...[
        '-q',
        '-o',
        `${out}/${number}`,
        '--check',
        'none',
        '-j',
        `${inFlight}`,
        '--per-origin',
        `${inFlight}`,
      ],
      ...['--pool', `unix:${out}/pool`, '--bwlimit', `${cap / 1e6}mbit`],
      ...more,
      `< ${list}.0${number}`,
    ].join(' ')
  return `split -d -n r/4 ${list} ${list}.; ${[0, 1, 2, 3].map(number => `${of(number)} &`).join(' ')} wait`
}

const aria2c: Contestant = ({ list, out, inFlight }) => [
  ...['aria2c', '-q', '-i', list, '-d', out, '-j', `${inFlight}`, '-x', '1', '-s', '1'],
  ...['--file-allocation=none', '--auto-file-renaming=false'],
]

/** Whether this wget2 has a cap: it has since 1.99.2, and Debian 12 has 1.99.1. */
export const hasLimitRate = (): boolean => runTool(['wget2', '--help']).includes('--limit-rate')
