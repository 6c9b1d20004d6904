import { sluice } from '../core/command.js'

/** A way to get a catalog across the link. */
export type Strategy = {
  name: string
  /** Whether it finds what was synced the day before. */
  isIncremental: boolean
  command(task: { list: string; out: string }): string[]
}

const sync = (out: string, ...more: string[]): string[] => [...sluice(), '-q', '-o', out, ...more]

/** Half of the link. */
const cap = ['--bwlimit', '50mbit']

/** As much at once as there is; no more than half of the link; no more than that, and only what has changed. */
export const strategies: readonly Strategy[] = [
  {
    name: 'nobody',
    isIncremental: false,
    command: () => ['sleep', '3'],
  },
  {
    name: 'brute force: aria2c -j100',
    isIncremental: false,
    command: ({ list, out }) => [
      ...['aria2c', '-q', '-i', list, '-d', out, '-j', '100', '-x', '1', '-s', '1'],
      // Without a time to wait it gives up an asset that is answered 503.
      ...['--file-allocation=none', '--retry-wait=1'],
    ],
  },
  {
    name: 'brute force: 200 in flight',
    isIncremental: false,
    command: ({ out }) => sync(out, '--check', 'none', '-j', '200', '--per-origin', '200'),
  },
  {
    name: 'throttled and retried',
    isIncremental: false,
    command: ({ out }) => sync(out, '--check', 'none', ...cap),
  },
  {
    name: 'incremental and throttled',
    isIncremental: true,
    command: ({ out }) => sync(out, '--check', 'head', ...cap),
  },
]

/** The sync of the day before. */
export const firstSync = (out: string): string[] => sync(out, '--check', 'none')
