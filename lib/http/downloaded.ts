import type { Mutable } from '../extend.js'
import type { Answer } from './client.js'
import { codingOf } from './decoding.js'
import type { Version } from './ranges.js'

/** What the origin said of an asset that was fetched whole. */
export type Downloaded = Pick<Version, 'etag' | 'lastModified'> & {
  type?: string
  encoding?: string
  /** Bytes of the body as they came, before decoding. */
  wireBytes: number
  /** Whether the body told itself where it ends. */
  isProven: boolean
}

/** Describes an asset of which `answer` brought the last, by what is known of its version and by that answer. */
export const toDownloaded = (
  { head, delimited }: Pick<Answer, 'head' | 'delimited'>,
  { version, type, wireBytes }: { version: Version | undefined; type: string | undefined; wireBytes: number },
): Downloaded => {
  const { etag = head.headers.etag, lastModified = head.headers['last-modified'] } = version ?? {}
  const encoding = codingOf(head)
  const downloaded: Mutable<Downloaded> = { wireBytes, isProven: delimited }
  if (etag !== undefined) downloaded.etag = etag
  if (lastModified !== undefined) downloaded.lastModified = lastModified
  if (type !== undefined) downloaded.type = type
  if (encoding !== undefined) downloaded.encoding = encoding
  return downloaded
}
