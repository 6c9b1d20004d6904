import { sluice } from '../core/command.js'
import { manifest, type Repeats, urls } from './manifests.js'

/** One way to take a list of assets from a pipe. */
export type Contestant = {
  name: string
  /** It works in `folder`. */
  command(folder: string): string[]
  /** All of its stdin: so many entries that are at `url`. */
  input(url: string, entries: number): Iterable<string> | AsyncIterable<string>
  /** Whether it writes one line to stdout for each entry, so that none can be lost unseen. */
  isLinePerEntry: boolean
}

type Shape = { format: 'json' | 'ndjson'; repeats?: Repeats; below?: string }

const ofSluice = (name: string, { below = '', ...shape }: Shape, ...args: string[]): Contestant => ({
  name,
  command: folder => [...sluice(), ...args, '-q', '-o', folder],
  input: (url, entries) => manifest(`${url}${below}`, entries, shape),
  isLinePerEntry: true,
})

export const planArray = ofSluice('plan, array, all distinct', { format: 'json' }, 'plan')
export const planLines = ofSluice('plan, NDJSON, all distinct', { format: 'ndjson' }, 'plan')
export const planHalf = ofSluice('plan, NDJSON, each twice', { format: 'ndjson', repeats: 'half' }, 'plan')
export const planOne = ofSluice('plan, NDJSON, all one', { format: 'ndjson', repeats: 'all' }, 'plan')
export const syncOne = ofSluice('sync, array, all one', { format: 'json', repeats: 'all' }, 'sync')

const fifty = ['-j', '50', '--per-origin', '50']

/** Every entry is asked for, and is not there. */
export const sluiceAsks = ofSluice('sluice', { format: 'ndjson' }, ...fifty)

/** Every entry is asked for and stored. */
export const fetches = ofSluice(
  'sync, 4 KiB each',
  { format: 'ndjson', below: '/assets' },
  ...[...fifty, '--path', '{view}/{sku}{ext}'],
)
export const fetchesAgain: Contestant = { ...fetches, name: 'the same again, unchanged' }

export const curlAsks: Contestant = {
  name: 'curl -Z -K -',
  command: () => 'curl -q -s --no-progress-meter -Z --parallel-max 50 -w %{http_code}\\n -K -'.split(' '),
  input: (url, entries) => urls(url, entries, 'url = "', '"'),
  isLinePerEntry: true,
}

const ofAria2c = (name: string, ...more: string[]): Contestant => ({
  name,
  command: folder => {
    const quiet = '--summary-interval=0 --show-console-readout=false --console-log-level=error'.split(' ')
    return ['aria2c', '--no-conf', '-j50', '-x1', ...quiet, ...more, '-d', folder, '-i', '-']
  },
  input: (url, entries) => urls(url, entries),
  isLinePerEntry: false,
})

export const ariaAsks = ofAria2c('aria2c -i -')
export const ariaAsksLater = ofAria2c(
  'aria2c -i - --deferred-input',
  ...['--deferred-input=true', '--keep-unfinished-download-result=false'],
)
