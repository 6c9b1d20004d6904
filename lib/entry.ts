import { SyncError } from './errors.js'

/** What is known of an asset that a former run stored: enough to tell whether it is still the same. */
export type StoredAsset = {
  /** Hash of the URL key the validators below belong to; they say nothing about any other URL. */
  readonly urlKey: string
  readonly etag?: string
  readonly lastModified?: string
  /** Bytes as they came, before decoding: what a Content-Length is compared with. */
  readonly wireBytes: number
  readonly bytes: number
  readonly digest?: string
  readonly mtimeMs: number
}

/** A file that stands at an entry's destination, with what the index knows of it, if that is still true. */
export type LocalFile = {
  readonly bytes: number
  readonly mtimeMs: number
  /** Absent where the index is missing, is about another URL, or the file was altered since. */
  readonly known?: StoredAsset
  /** The file differs from what the index says of it, or came from another URL. */
  readonly stale: boolean
}

/** One parsed wish of the manifest. Immutable: a stage that learns something passes on a copy. */
export type Entry = {
  /** Position among all rows of the run, bad ones counted, from 0. */
  readonly index: number
  /** As given, echoed verbatim in the outcome. */
  readonly url: string
  readonly assetUrl: URL
  /** As given; once named, the path below the root in its safe form. */
  readonly path?: string
  /** Demanded length of the stored bytes. */
  readonly size?: number
  /** Demanded digest of the stored bytes (SRI). */
  readonly integrity?: Integrity
  /** Hints for `--check manifest`, never demands. */
  readonly etag?: string
  readonly lastModified?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Every field that comes back in the outcome as it was given. */
  readonly extra: Readonly<Record<string, unknown>>
  /** The file at the destination, once looked up. */
  readonly local?: LocalFile
  /** What a HEAD said of the asset. */
  readonly found?: { readonly etag?: string; readonly lastModified?: string; readonly length?: number }
  /** The body is wanted only if it differs from the file at the destination. */
  readonly conditional?: true
}

/** An entry whose destination is decided. */
export type NamedEntry = Entry & {
  readonly path: string
  /** Hash of what identifies its URL. */
  readonly urlKey: string
}

/** A row that is no value at all, such as a line that is not JSON: what a source yields in its place. */
export class BrokenRow {
  readonly text: string
  readonly error: SyncError
  constructor(text: string, error: SyncError) {
    this.text = text
    this.error = error
  }
}

/** A row that cannot become an entry, and why. */
export type BadRow = {
  readonly index: number
  /** What can be echoed of the row. */
  readonly extra: Readonly<Record<string, unknown>>
  readonly error: SyncError
}

export type DigestName = 'sha256' | 'sha512' | 'md5'

/** One hash of a Subresource Integrity value (W3C SRI, section 3.5). */
export type Integrity = { readonly algorithm: DigestName; readonly base64: string }

/** Fields that outcomes define: never taken over from an entry, so that an outcome can be fed back as one. */
const outcomeFields = new Set(
  `index status reason by of bytes received etag lastModified type digest attempts ms error verified encoding url path row`.split(
    ' ',
  ),
)

/** The entry that `row` (a URL or an object with `url`) describes; throws ERR_ENTRY_INVALID or ERR_URL_SCHEME. */
export const parseEntry = (row: unknown, index: number): Entry => {
  if (typeof row === 'string') return { index, url: row, assetUrl: parseUrl(row), extra: {} }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw invalid('a URL or an object with a url', row)
  const fields = row as Record<string, unknown>
  const url = text(fields, 'url')
  if (url === undefined) throw invalid('a url', fields['url'])
  const path = text(fields, 'path')
  const etag = text(fields, 'etag')
  const lastModified = text(fields, 'lastModified')
  const integrity = text(fields, 'integrity')
  const { size, headers } = fields
  if (size !== undefined && size !== null && !(Number.isSafeInteger(size) && (size as number) >= 0))
    throw invalid('size to be a whole number of bytes', size)
  return {
    index,
    url,
    assetUrl: parseUrl(url),
    extra: echo(fields),
    ...(path !== undefined && { path }),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(typeof size === 'number' && { size }),
    ...(integrity !== undefined && { integrity: parseIntegrity(integrity) }),
    ...(headers !== undefined && headers !== null && { headers: parseHeaders(headers) }),
  }
}

/** As parseEntry, but a row that cannot be one comes back as the reason. */
export const toEntry = (row: unknown, index: number): Entry | BadRow => {
  if (row instanceof BrokenRow) return badRow(row.text, index, row.error)
  try {
    return parseEntry(row, index)
  } catch (error) {
    if (error instanceof SyncError) return badRow(row, index, error)
    throw error
  }
}

/** A bad row with as much of it as an outcome can repeat: its fields, or the first 200 characters of its text. */
export const badRow = (row: unknown, index: number, error: SyncError): BadRow => {
  if (typeof row === 'string') return { index, error, extra: { row: row.slice(0, 200) } }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return { index, error, extra: { row: clip(row) } }
  const { url, path } = row as Record<string, unknown>
  return {
    index,
    error,
    extra: {
      ...(url !== undefined && { url }),
      ...(path !== undefined && { path }),
      ...echo(row as Record<string, unknown>),
    },
  }
}

export const isBadRow = (item: object): item is BadRow => 'error' in item && !('status' in item)

/** Throws unless every header can be sent and is not one that sluice itself decides about; the message never repeats a value. */
export const parseHeaders = (headers: unknown): Record<string, string> => {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    throw new SyncError('ERR_ENTRY_INVALID', 'expected headers to be an object of strings')
  for (const [name, value] of Object.entries(headers)) {
    // A whole header line in place of the name would show its value: only what could be a name is shown.
    const [token = ''] = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*/.exec(name) ?? []
    if (token === '' || token !== name)
      throw invalid('a header name without blanks, colons and control characters', `${token}…`)
    if (reservedHeaders.has(name.toLowerCase())) throw invalid('no header that sluice sends itself', name)
    // RFC 9110 section 5.5: visible characters, space, tab and obs-text; anything else could end the header early.
    if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw new SyncError(
        'ERR_ENTRY_INVALID',
        `expected header ${name} to be a string without control characters`,
      )
  }
  return headers as Record<string, string>
}

const reservedHeaders = new Set(
  `accept-encoding connection content-length expect host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive range te trailer transfer-encoding upgrade`.split(
    ' ',
  ),
)

const parseUrl = (url: string): URL => {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  // new URL would drop control characters and turn lone surrogates into U+FFFD: another asset than the one named.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (scheme === undefined || /[\u0000-\u001f\u007f]/.test(url) || !url.isWellFormed())
    throw invalid('an absolute http or https URL', url)
  if (scheme !== 'http' && scheme !== 'https')
    throw new SyncError('ERR_URL_SCHEME', `expected http or https, got ${scheme}:`)
  // WHATWG accepts http:host and http:/host; no other tool of the field does.
  if (!/^\s*https?:\/\//i.test(url) || !URL.canParse(url)) throw invalid('an absolute http or https URL', url)
  return new URL(url)
}

const digestBytes: Record<DigestName, number> = { sha256: 32, sha512: 64, md5: 16 }
const strongestFirst: readonly DigestName[] = ['sha512', 'sha256', 'md5']

/** Of several hashes the strongest counts, as SRI section 3.3.4 asks. */
const parseIntegrity = (integrity: string): Integrity => {
  const hashes = integrity.trim().split(/\s+/)
  const parsed = hashes.map(hash => /^(sha256|sha512|md5)-([A-Za-z0-9+/]+={0,2})$/.exec(hash))
  const found = strongestFirst.map(name => parsed.find(hash => hash?.[1] === name)).find(hash => hash)
  const [, algorithm, base64 = ''] = found ?? []
  if (
    !algorithm ||
    parsed.includes(null) ||
    Buffer.from(base64, 'base64').length !== digestBytes[algorithm as DigestName]
  )
    throw invalid('integrity such as sha256-… in base64 (sha256, sha512 or md5)', integrity)
  return { algorithm: algorithm as DigestName, base64: Buffer.from(base64, 'base64').toString('base64') }
}

const text = (fields: Record<string, unknown>, name: string): string | undefined => {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalid(`${name} to be a string`, value)
  return value
}

/** Own data properties only: a field called __proto__ stays a field. */
const echo = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !outcomeFields.has(name)))

const invalid = (expected: string, found: unknown): SyncError =>
  new SyncError('ERR_ENTRY_INVALID', `expected ${expected}, got ${clip(found)}`)

const clip = (value: unknown): string => {
  const shown =
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'nothing'
  return shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
}
