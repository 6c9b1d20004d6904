import { echo } from './echo.js'
import { SyncError } from './errors.js'
import type { Mutable } from './extend.js'
import { parseHeaders } from './headers.js'
import { type Integrity, parseIntegrity } from './integrity.js'
import { invalid } from './invalid.js'

/** What is known of an asset that a former run stored: enough to tell whether it is still the same. */
export type StoredAsset = {
  /** Hash of the URL key the validators below belong to; they say nothing about any other URL. */
  readonly urlKey: string
  readonly etag?: string
  readonly lastModified?: string
  /** Bytes as they came, before decoding: what a Content-Length is compared with. */
  readonly wireBytes: number
  readonly bytes: number
  /** The digest that was reported. */
  readonly digest?: string
  /** What the entry demanded and the bytes were proven to be, where it is another digest than the reported one. */
  readonly integrity?: string
  /** Bytes that a sink of somebody else's holds for it, where that is another number, as of one that compresses. */
  readonly heldBytes?: number
  /** Absent where the sink keeps no times. */
  readonly mtimeMs?: number
}

/** A file that stands at an entry's destination, with what the index knows of it, if that is still true. */
export type LocalFile = {
  readonly bytes: number
  /** Absent where the sink keeps no times. */
  readonly mtimeMs?: number
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

/** The entry that `row` (a URL or an object with `url`) describes; throws ERR_ENTRY_INVALID or ERR_URL_SCHEME. */
export const parseEntry = (row: unknown, index: number): Entry => {
  if (typeof row === 'string') return { index, url: row, assetUrl: parseUrl(row), extra: {} }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw invalid('a URL or an object with a url', row)
  const fields = row as Record<string, unknown>
  const url = fields['url'] instanceof URL ? fields['url'].href : text(fields, 'url')
  if (url === undefined) throw invalid('a url', undefined)
  const path = text(fields, 'path')
  const etag = text(fields, 'etag')
  const lastModified = text(fields, 'lastModified')
  const integrity = text(fields, 'integrity')
  const { size, headers } = fields
  if (size !== undefined && size !== null && !(Number.isSafeInteger(size) && (size as number) >= 0))
    throw invalid('size to be a whole number of bytes', size)
  const entry: Mutable<Entry> = { index, url, assetUrl: parseUrl(url), extra: echo(fields) }
  if (path !== undefined) entry.path = path
  if (etag !== undefined) entry.etag = etag
  if (lastModified !== undefined) entry.lastModified = lastModified
  if (typeof size === 'number') entry.size = size
  if (integrity !== undefined) entry.integrity = parseIntegrity(integrity)
  if (headers !== undefined && headers !== null) entry.headers = parseHeaders(headers)
  return entry
}

const parseUrl = (url: string): URL => {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  // new URL would drop control characters and turn lone surrogates into U+FFFD: another asset than the one named.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (scheme === undefined || /[\u0000-\u001f\u007f]/.test(url) || !url.isWellFormed())
    throw invalid('an absolute http or https URL', url)
  if (scheme !== 'http' && scheme !== 'https')
    throw new SyncError('ERR_URL_SCHEME', `expected http or https, got ${scheme}:`)
  // WHATWG accepts http:host and http:/host; no other tool of the field does.
  const parsed = /^\s*https?:\/\//i.test(url) ? parse(url) : undefined
  if (!parsed) throw invalid('an absolute http or https URL', url)
  return parsed
}

/** Not asked first whether it can be parsed, which would take as long once more. */
const parse = (url: string): URL | undefined => {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

const text = (fields: Record<string, unknown>, name: string): string | undefined => {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalid(`${name} to be a string`, value)
  return value
}
