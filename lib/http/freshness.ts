import type { Entry, LocalFile } from '../entry.js'
import { formatIntegrity, type Integrity } from '../integrity.js'
import { parseHttpDate } from './http-date.js'

/** What the origin says of an asset: the response headers that tell one version from another. */
export type Validators = {
  readonly etag?: string
  readonly lastModified?: string
  /** Content-Length. */
  readonly length?: number
}

/** Whether a local file is still what the origin has, and by what one can tell; unknown where there is nothing to compare. */
export type Freshness =
  | { readonly state: 'fresh'; readonly by: 'etag' | 'modified' | 'length' }
  | { readonly state: 'stale' | 'unknown' }

/** What the answer to a HEAD says of the file that stands. */
export const freshness = (local: LocalFile, found: Validators): Freshness => {
  if (local.stale) return { state: 'stale' }
  const stored = factsOf(local)
  const sameLength = found.length === undefined || found.length === stored.wireBytes
  if (isStrong(stored.etag) && isStrong(found.etag)) return verdict(stored.etag === found.etag, 'etag')
  if (stored.lastModified !== undefined && found.lastModified !== undefined)
    return verdict(sameMoment(stored.lastModified, found.lastModified) && sameLength, 'modified')
  if (stored.etag !== undefined && found.etag !== undefined)
    return verdict(sameTag(stored.etag, found.etag) && sameLength, 'etag')
  return found.length === undefined ? { state: 'unknown' } : verdict(sameLength, 'length')
}

/** Whether everything that the entry tells of its asset holds for the file that stands; undefined where it tells nothing. */
export const matchesManifest = (local: LocalFile, entry: Entry): boolean | undefined => {
  const { etag, size, lastModified, integrity } = entry
  if ([etag, size, lastModified, integrity].every(hint => hint === undefined)) return undefined
  const stored = factsOf(local)
  return (
    !local.stale &&
    (etag === undefined || (stored.etag !== undefined && sameTag(etag, stored.etag))) &&
    (size === undefined || size === local.bytes) &&
    (lastModified === undefined ||
      (stored.lastModified !== undefined && sameMoment(lastModified, stored.lastModified))) &&
    (integrity === undefined || isKnownToBe(local, integrity))
  )
}

/** Whether the file that stands is known to have this digest; one that was never computed under its algorithm is not. */
export const isKnownToBe = ({ known }: LocalFile, integrity: Integrity): boolean =>
  [known?.digest, known?.integrity].includes(formatIntegrity(integrity))

/**
 * Whether an ETag proves byte-for-byte equality and can be sent in If-Match and If-Range. One without quotes, as some servers
 * send it, is no entity-tag (RFC 9110 section 8.8.3): others reject it in a request, so that it only serves as a weak one.
 */
export const isStrong = (etag: string | undefined): etag is string =>
  etag !== undefined && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)

/** Whether an ETag is one by its form (RFC 9110 section 8.8.3), weak or strong: what is none an origin may refuse in a request. */
export const isEntityTag = (etag: string | undefined): etag is string =>
  etag !== undefined && isStrong(etag.replace(/^W\//, ''))

type Facts = { wireBytes: number; etag?: string; lastModified?: string }

/** Without the index the file itself tells: its mtime was set from Last-Modified, which counts whole seconds. */
const factsOf = ({ known, bytes, mtimeMs }: LocalFile): Facts =>
  known ?? {
    wireBytes: bytes,
    ...(mtimeMs !== undefined && { lastModified: new Date(mtimeMs).toUTCString() }),
  }

const verdict = (same: boolean, by: 'etag' | 'modified' | 'length'): Freshness =>
  same ? { state: 'fresh', by } : { state: 'stale' }

/** Weak comparison (RFC 9110 section 8.8.3.2), which catalogs that leave out the quotes pass, too. */
const sameTag = (a: string, b: string): boolean => opaque(a) === opaque(b)

const opaque = (etag: string): string => etag.replace(/^W\//, '').replace(/^"(.*)"$/s, '$1')

const sameMoment = (a: string, b: string): boolean =>
  a === b || (secondOf(a) !== undefined && secondOf(a) === secondOf(b))

/** Seconds since the epoch of an HTTP-date, or of the ISO 8601 that catalogs prefer. */
const secondOf = (text: string): number | undefined => {
  const iso = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  const ms = parseHttpDate(text) ?? iso
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000)
}
