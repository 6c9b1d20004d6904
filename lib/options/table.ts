import { pathTemplate } from '../files/template.js'
import { parseTimetable, type Timetable } from '../rate/timetable.js'
import { parseSelect } from '../sources/select.js'
import { type Kind, kinds } from './kinds.js'
import { type Preset, presets } from './presets.js'

/** What an option is about. */
export type Group = 'what' | 'unchanged' | 'cap' | 'pool' | 'requests' | 'disk' | 'run'

/** One option: everything that types, validation, help and README say of it comes from here. */
export type Row<Value> = {
  readonly kind: Kind<Value>
  /** Under which heading help shows it. */
  readonly group?: Group
  /** Whether an origin can have its own: in place of the run's, or besides it. */
  readonly ofOrigin?: 'instead' | 'besides'
  /** As it would be written; absent where nothing holds unless it is given. */
  readonly default?: string
  /** The flag, where it is not the name in kebab-case. */
  readonly flag?: string
  readonly short?: string
  /** What help calls the value. */
  readonly value?: string
  readonly help: string
}

const {
  text,
  mediaTypes,
  sizeOrOff,
  duration,
  durationOrOff,
  rate,
  frequency,
  yes,
  integer,
  oneOf,
  segment,
  failures,
  headers,
  poolUrl,
  poolName,
  quotas,
  timeZone,
} = kinds

const row = <Value, const Details extends Omit<Row<Value>, 'kind'>>(kind: Kind<Value>, details: Details) => ({
  kind,
  ...details,
})

const timetable: Kind<Timetable> = {
  expected: 'a rate such as 50mbit or off, or a timetable such as "08:00,10mbit 19:00,off"',
  read(given) {
    if (typeof given === 'string') return parseTimetable(given)
    const constant = rate.read(given)
    return constant === undefined ? undefined : { rateAt: () => constant, nextChange: () => undefined }
  },
}

/** Text that another module knows the grammar of; what is wrong with it is said there. */
const checked = (expected: string, check: (text: string) => unknown): Kind<string> => ({
  expected,
  read(given) {
    const value = text.read(given)
    if (value !== undefined) check(value)
    return value
  },
})

const presetNames = Object.keys(presets) as Preset[]

/** Every option of a run, in the order in which help shows them. */
export const table = {
  out: row(text, {
    group: 'what',
    short: 'o',
    value: 'DIR',
    help: 'root of the stored tree; created if absent',
  }),
  format: row(oneOf('auto', 'json', 'ndjson', 'urls', 'tsv'), {
    group: 'what',
    default: 'auto',
    short: 'f',
    value: 'FORMAT',
    help: 'manifest format: auto, json, ndjson, urls or tsv',
  }),
  select: row(checked('a path such as products.*.images.*', parseSelect), {
    group: 'what',
    value: 'PATH',
    help: 'where entries are inside one JSON document: dotted keys, * for every element or value',
  }),
  path: row(
    checked('a template such as {host}{pathname}', template => pathTemplate(template, { urlKey: 'full' })),
    {
      group: 'what',
      default: '{host}{pathname}',
      value: 'TEMPLATE',
      help: 'names entries that have no path of their own',
    },
  ),
  concurrency: row(integer(1, 1024), {
    group: 'cap',
    default: '10',
    short: 'j',
    value: 'N',
    help: 'assets in flight in all',
  }),
  perOrigin: row(integer(1, 1024), {
    group: 'cap',
    ofOrigin: 'instead',
    default: '6',
    value: 'N',
    help: 'assets in flight per origin',
  }),
  bwlimit: row(timetable, {
    group: 'cap',
    ofOrigin: 'besides',
    default: 'off',
    value: 'RATE|TIMETABLE',
    help: 'cap on everything received, for the whole run',
  }),
  segment: row(segment, {
    group: 'cap',
    ofOrigin: 'instead',
    default: 'auto',
    value: 'SIZE|auto|off',
    help: 'size of a paced range',
  }),
  tpslimit: row(frequency, {
    group: 'cap',
    ofOrigin: 'besides',
    default: 'off',
    value: 'N[/s|/m|/h|/d]',
    help: 'requests per unit of time, HEADs, redirects and segments included',
  }),
  pool: row(poolUrl, {
    group: 'pool',
    ofOrigin: 'besides',
    value: 'URL',
    help: 'share bwlimit, tpslimit and quota with other processes: redis://HOST, rediss://HOST, unix:PATH or local:',
  }),
  poolName: row(poolName, {
    group: 'pool',
    ofOrigin: 'besides',
    default: 'default',
    value: 'NAME',
    help: 'which budget; all who share it must name the same limits',
  }),
  poolUser: row(poolName, {
    group: 'pool',
    ofOrigin: 'besides',
    default: 'default',
    value: 'ID',
    help: 'whose share it is: fair by weight between users, equal between the processes of one',
  }),
  poolWeight: row(integer(1, 1_000_000), {
    group: 'pool',
    ofOrigin: 'besides',
    default: '1',
    value: 'W',
    help: 'the weight of that share',
  }),
  userBwlimit: row(rate, {
    group: 'pool',
    ofOrigin: 'besides',
    default: 'off',
    value: 'RATE',
    help: 'what one user may receive at most',
  }),
  userTpslimit: row(frequency, {
    group: 'pool',
    ofOrigin: 'besides',
    default: 'off',
    value: 'N[/s|/m|/h|/d]',
    help: 'requests that one user may make at most',
  }),
  quota: row(quotas, {
    group: 'pool',
    ofOrigin: 'besides',
    value: 'N/d,SIZE/mo',
    help: 'requests or bytes a day or month, counted across processes and restarts; when spent, wait or end with exit 6',
  }),
  quotaZone: row(timeZone, {
    group: 'pool',
    ofOrigin: 'besides',
    default: 'UTC',
    value: 'TZ',
    help: 'whose midnight ends a day',
  }),
  poolLost: row(oneOf('hold', 'share'), {
    group: 'pool',
    ofOrigin: 'besides',
    default: 'hold',
    value: 'hold|share',
    help: 'without the pool: wait for it, or go on with the share that this process had',
  }),
  check: row(oneOf('head', 'conditional', 'manifest', 'exists', 'none'), {
    group: 'unchanged',
    default: 'head',
    value: 'HOW',
    help: 'how "unchanged" is decided: head, conditional, manifest, exists or none',
  }),
  urlKey: row(oneOf('full', 'path'), {
    group: 'unchanged',
    default: 'full',
    value: 'full|path',
    help: 'what identifies a URL: all of it, or origin and path (signed URLs whose query changes daily)',
  }),
  retries: row(integer(0, 1000), {
    group: 'requests',
    default: '3',
    value: 'N',
    help: 'retries after the first attempt',
  }),
  retryBase: row(duration, {
    group: 'requests',
    default: '1s',
    value: 'D',
    help: 'exponential back-off with full jitter from here',
  }),
  retryMax: row(duration, { group: 'requests', default: '60s', value: 'D', help: 'longest back-off' }),
  retryAfterMax: row(duration, {
    group: 'requests',
    default: '5m',
    value: 'D',
    help: 'longest Retry-After that is waited for; beyond it the entry fails with retryAt',
  }),
  timeout: row(durationOrOff, {
    group: 'requests',
    ofOrigin: 'instead',
    default: '30s',
    value: 'D',
    help: 'connect + response headers',
  }),
  stallTimeout: row(durationOrOff, {
    group: 'requests',
    ofOrigin: 'instead',
    default: '30s',
    value: 'D',
    help: 'no body byte for this long (waiting for the cap does not count)',
  }),
  minRate: row(rate, {
    group: 'requests',
    ofOrigin: 'instead',
    default: 'off',
    value: 'RATE',
    help: 'an attempt slower than this over the stall timeout fails',
  }),
  maxTime: row(durationOrOff, {
    group: 'requests',
    ofOrigin: 'instead',
    default: 'off',
    value: 'D',
    help: 'an asset that takes longer in all fails (waiting for the cap does not count)',
  }),
  maxSize: row(sizeOrOff, {
    group: 'requests',
    default: 'off',
    value: 'SIZE',
    help: 'larger assets fail, before their body is read where the length is known',
  }),
  accept: row(mediaTypes, {
    group: 'requests',
    default: '*/*',
    value: 'TYPES',
    help: 'media types such as image/*,video/mp4; sent as Accept, and another Content-Type fails',
  }),
  headers: row(headers, {
    group: 'requests',
    ofOrigin: 'instead',
    flag: 'header',
    short: 'H',
    value: "'K: V'",
    help: "sent to the manifest's origins; never to another origin after a redirect",
  }),
  maxFailures: row(failures, {
    group: 'run',
    default: 'off',
    value: 'N|P%',
    help: 'stop the run past this many failures; a percentage counts from 100 outcomes on',
  }),
  digest: row(oneOf('sha256', 'sha512', 'md5', 'none'), {
    group: 'disk',
    default: 'sha256',
    value: 'NAME',
    help: 'computed while streaming, reported and indexed: sha256, sha512, md5 or none',
  }),
  durable: row(yes, {
    group: 'disk',
    default: 'false',
    help: 'fsync file and directory before an outcome says stored',
  }),
  preset: row(oneOf(...presetNames), {
    group: 'run',
    value: 'NAME',
    help: 'a bundle of the options above: initial, daily, critical or high-latency; what is given besides wins',
  }),
  privateNetwork: row(oneOf('allow', 'deny'), {
    group: 'requests',
    default: 'allow',
    value: 'allow|deny',
    help: 'deny: no connection to loopback, private, link-local or metadata addresses, redirects included',
  }),
}

/** The table by type. */
export type Table = typeof table

/** What options are called in the library: `perOrigin`. */
export type OptionName = keyof Table

/** The options that an origin can have its own of. */
export type OriginOptionName = {
  [Name in OptionName]: Table[Name] extends { ofOrigin: string } ? Name : never
}[OptionName]

/** What each option becomes once it is read. */
export type OptionValues = {
  [Name in OptionName]: Table[Name] extends { kind: Kind<infer Value> } ? Value : never
}

/** How an option is given: one of its words, or text as on the command line, or a number of its units. */
export type OptionInput<Name extends OptionName> = OptionValues[Name] extends boolean
  ? boolean
  : OptionValues[Name] extends Record<string, string>
    ? Readonly<Record<string, string>>
    : OptionValues[Name] extends string
      ? OptionValues[Name]
      : string | number

/** `--per-origin` for `perOrigin`. */
export const flagOf = (name: string, row: object = {}): string =>
  `--${'flag' in row ? row.flag : name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
