import type { NamedEntry, StoredAsset } from '../entry.js'
import type { Mutable } from '../extend.js'
import { formatIntegrity } from '../integrity.js'
import type { stored } from '../outcome.js'
import type { Work } from '../work.js'
import type { Downloaded } from './downloaded.js'

/** What became of a draft. */
export type Committed = Pick<StoredAsset, 'bytes' | 'digest' | 'heldBytes' | 'mtimeMs'>

/** An asset that has come to its place. */
export type Done = { downloaded: Downloaded; committed: Committed }

/** What the index remembers of an asset. */
export const toStoredAsset = (
  { urlKey, integrity }: NamedEntry,
  { downloaded, committed }: Done,
): StoredAsset => {
  const { etag, lastModified, wireBytes } = downloaded
  const { bytes, digest, heldBytes, mtimeMs } = committed
  const demanded = integrity && formatIntegrity(integrity)
  const asset: Mutable<StoredAsset> = { urlKey, bytes, wireBytes }
  if (heldBytes !== undefined) asset.heldBytes = heldBytes
  if (mtimeMs !== undefined) asset.mtimeMs = mtimeMs
  if (digest !== undefined) asset.digest = digest
  if (demanded !== undefined && demanded !== digest) asset.integrity = demanded
  if (etag !== undefined) asset.etag = etag
  if (lastModified !== undefined) asset.lastModified = lastModified
  return asset
}

/** A demanded length or digest proves what the origin leaves open. */
const isProven = ({ size, integrity }: NamedEntry, downloaded: Downloaded): boolean =>
  downloaded.isProven || size !== undefined || integrity !== undefined

/** What an outcome says of an asset. */
export const toFacts = (entry: NamedEntry, { downloaded, committed }: Done, work: Work): StoredFacts => {
  const { etag, lastModified, type, encoding } = downloaded
  const { bytes, digest } = committed
  const facts: Partial<StoredFacts> = { bytes, received: work.received }
  if (etag !== undefined) facts.etag = etag
  if (lastModified !== undefined) facts.lastModified = lastModified
  if (type !== undefined) facts.type = type
  if (encoding !== undefined) facts.encoding = encoding
  if (digest !== undefined) facts.digest = digest
  if (!isProven(entry, downloaded)) facts.verified = false
  facts.attempts = work.attempts
  facts.ms = Math.round(performance.now() - work.startedAt)
  return facts as StoredFacts
}

type StoredFacts = Parameters<typeof stored>[1]
