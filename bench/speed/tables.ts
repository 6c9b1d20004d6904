/** One table of the bench. */
export type FetchTable = {
  /** Of its file, and what --only finds it by. */
  name: string
  title: string
  isTls: boolean
  /** Which fetch of two: the first, or the second over what that stored. */
  of: 'first' | 'second'
  /** The program that the others are compared with. */
  against: string
  notes: readonly string[]
}

const threads =
  'wget2 has 10 threads, the others 50 connections; with 2 to 50 threads it took as long for small assets, with 20 and more longer for large ones.'
const allocation = 'aria2c with --file-allocation=none: by default it allocates a file before its first byte.'

export const fetchTables: readonly FetchTable[] = [
  {
    name: 'speed-http',
    title: 'Fetching without a cap, http',
    isTls: false,
    of: 'first',
    against: 'curl -Z',
    notes: [
      threads,
      allocation,
      'sluice with --digest none, as no other computes one; sha256 is its default.',
    ],
  },
  {
    name: 'speed-unchanged',
    title: 'The second run, nothing changed',
    isTls: false,
    of: 'second',
    against: 'wget2',
    notes: [
      'sluice asks with a HEAD per asset (its default); wget2 -N and aria2c --conditional-get=true ask with If-Modified-Since.',
      'curl has no such run: here a file of options names, for each URL, the file whose time is the condition (time-cond).',
      threads,
    ],
  },
  {
    name: 'speed-tls',
    title: 'Fetching without a cap, https',
    isTls: true,
    of: 'first',
    against: 'curl -Z',
    notes: [threads, allocation, 'TLS as each program negotiates it; each checks the certificate.'],
  },
]
