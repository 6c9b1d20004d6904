import { SyncError } from './errors.js'
import { pathTemplate } from './files/template.js'
import { type FailureLimit, type Kind, kinds } from './kinds.js'
import { parseTimetable, type Timetable } from './rate/timetable.js'
import { parseSelect } from './sources/select.js'
import { demand } from './units.js'

export type { FailureLimit }

/** One option: everything that types, validation, help and README say of it comes from here. */
export type Row<Value> = {
  readonly kind: Kind<Value>
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

/** Every option of a run, in the order in which help shows them. */
export const table = {
  out: row(text, { short: 'o', value: 'DIR', help: 'root of the stored tree; created if absent' }),
  format: row(oneOf('auto', 'json', 'ndjson', 'urls', 'tsv'), {
    default: 'auto',
    short: 'f',
    value: 'FORMAT',
    help: 'manifest format: auto, json, ndjson, urls or tsv',
  }),
  select: row(checked('a path such as products.*.images.*', parseSelect), {
    value: 'PATH',
    help: 'where entries are inside one JSON document: dotted keys, * for every element or value',
  }),
  path: row(
    checked('a template such as {host}{pathname}', template => pathTemplate(template, { urlKey: 'full' })),
    { default: '{host}{pathname}', value: 'TEMPLATE', help: 'names entries that have no path of their own' },
  ),
  concurrency: row(integer(1, 1024), {
    default: '10',
    short: 'j',
    value: 'N',
    help: 'assets in flight in all',
  }),
  perOrigin: row(integer(1, 1024), { default: '6', value: 'N', help: 'assets in flight per origin' }),
  bwlimit: row(timetable, {
    default: 'off',
    value: 'RATE|TIMETABLE',
    help: 'cap on everything received, for the whole run',
  }),
  segment: row(segment, { default: 'auto', value: 'SIZE|auto|off', help: 'size of a paced range' }),
  tpslimit: row(frequency, {
    default: 'off',
    value: 'N[/s|/m|/h|/d]',
    help: 'requests per unit of time, HEADs, redirects and segments included',
  }),
  check: row(oneOf('head', 'conditional', 'manifest', 'exists', 'none'), {
    default: 'head',
    value: 'HOW',
    help: 'how "unchanged" is decided: head, conditional, manifest, exists or none',
  }),
  urlKey: row(oneOf('full', 'path'), {
    default: 'full',
    value: 'full|path',
    help: 'what identifies a URL: all of it, or origin and path (signed URLs whose query changes daily)',
  }),
  retries: row(integer(0, 1000), { default: '3', value: 'N', help: 'retries after the first attempt' }),
  retryBase: row(duration, {
    default: '1s',
    value: 'D',
    help: 'exponential back-off with full jitter from here',
  }),
  retryMax: row(duration, { default: '60s', value: 'D', help: 'longest back-off' }),
  retryAfterMax: row(duration, {
    default: '5m',
    value: 'D',
    help: 'longest Retry-After that is waited for; beyond it the entry fails with retryAt',
  }),
  timeout: row(durationOrOff, { default: '30s', value: 'D', help: 'connect + response headers' }),
  stallTimeout: row(durationOrOff, {
    default: '30s',
    value: 'D',
    help: 'no body byte for this long (waiting for the cap does not count)',
  }),
  minRate: row(rate, {
    default: 'off',
    value: 'RATE',
    help: 'an attempt slower than this over the stall timeout fails',
  }),
  maxTime: row(durationOrOff, {
    default: 'off',
    value: 'D',
    help: 'an asset that takes longer in all fails (waiting for the cap does not count)',
  }),
  maxSize: row(sizeOrOff, {
    default: 'off',
    value: 'SIZE',
    help: 'larger assets fail, before their body is read where the length is known',
  }),
  accept: row(text, {
    default: '*/*',
    value: 'TYPES',
    help: 'media types such as image/*,video/mp4; sent as Accept, and another Content-Type fails',
  }),
  headers: row(headers, {
    flag: 'header',
    short: 'H',
    value: "'K: V'",
    help: "sent to the manifest's origins; never to another origin after a redirect",
  }),
  maxFailures: row(failures, {
    default: 'off',
    value: 'N|P%',
    help: 'stop the run past this many failures; a percentage counts from 100 outcomes on',
  }),
  digest: row(oneOf('sha256', 'sha512', 'md5', 'none'), {
    default: 'sha256',
    value: 'NAME',
    help: 'computed while streaming, reported and indexed: sha256, sha512, md5 or none',
  }),
  durable: row(yes, { default: 'false', help: 'fsync file and directory before an outcome says stored' }),
  privateNetwork: row(oneOf('allow', 'deny'), {
    default: 'allow',
    value: 'allow|deny',
    help: 'deny: no connection to loopback, private, link-local or metadata addresses, redirects included',
  }),
}

export type Table = typeof table
export type OptionName = keyof Table

type ValueOf<R> = R extends { kind: Kind<infer Value> } ? Value : never
type Resolved = { [Name in OptionName]: ValueOf<Table[Name]> }
type Optional = 'select' | 'headers'

/** What options become once they are checked and their defaults are in. */
export type ResolvedOptions = Omit<Resolved, Optional> & { [Name in Optional]?: Resolved[Name] | undefined }

/** Options as they are given: as text, as on the command line, or as numbers of bytes, milliseconds and bytes per second. */
export type Options = { out: string } & {
  [Name in Exclude<OptionName, 'out'>]?:
    | string
    | (ValueOf<Table[Name]> extends Timetable | FailureLimit ? number : ValueOf<Table[Name]>)
}

/** The value of one option, or ERR_OPTION in a sentence that begins with `name`. */
export const readOption = <Value>({ kind }: { kind: Kind<Value> }, name: string, given: unknown): Value =>
  demand(kind.read(given), name, kind.expected, kind.isSecret ? '…' : given)

/** `--per-origin` for `perOrigin`. */
export const flagOf = (name: string, row: object = {}): string =>
  `--${'flag' in row ? row.flag : name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`

/** Checked options with their defaults; throws ERR_OPTION that names the option, what was expected and what was given. */
export const resolve = (given: Partial<Record<OptionName, unknown>>): ResolvedOptions => {
  const unknown = Object.keys(given).find(name => !Object.hasOwn(table, name))
  if (unknown !== undefined) throw new SyncError('ERR_OPTION', `${unknown}: no such option`)
  const values = Object.entries(table).map(([name, row]) => {
    const value = given[name as OptionName] ?? ('default' in row ? row.default : undefined)
    const isMissing = value === undefined && name !== 'out'
    return [name, isMissing ? undefined : readOption(row as Row<unknown>, flagOf(name, row), value)]
  })
  const resolved = Object.fromEntries(values) as ResolvedOptions
  const { select, format } = resolved
  if (select !== undefined && format !== 'auto' && format !== 'json')
    throw new SyncError('ERR_OPTION', `--select: expected a manifest in JSON, got --format ${format}`)
  return resolved
}
