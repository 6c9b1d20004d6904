import { createHash } from 'node:crypto'
import type { DigestName, Integrity } from '../integrity.js'

/** Hashes of one growing body, under every algorithm that is asked for. */
export type Digests = {
  update(chunk: Uint8Array): void
  /** Base64 of what was fed so far; undefined for an algorithm that was not asked for. */
  read(name: DigestName): string | undefined
}

/** Starts hashing an empty body under each of `names` once. */
export const digests = (names: ReadonlySet<DigestName>): Digests => {
  const hashes = new Map([...names].map(name => [name, createHash(name)] as const))
  return {
    update(chunk) {
      for (const hash of hashes.values()) hash.update(chunk)
    },
    // A copy, since reading a hash ends it.
    read: name => hashes.get(name)?.copy().digest('base64'),
  }
}

/** The algorithms that a digest to report and one to demand ask for. */
export const digestNames = (digest: DigestName | 'none', integrity?: Integrity): Set<DigestName> => {
  const names = new Set<DigestName>()
  if (digest !== 'none') names.add(digest)
  if (integrity) names.add(integrity.algorithm)
  return names
}
