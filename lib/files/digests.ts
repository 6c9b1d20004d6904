import { createHash, type Hash, hash } from 'node:crypto'
import type { DigestName, Integrity } from '../integrity.js'

/** Hashes of one growing body, under every algorithm that is asked for. */
export type Digests = {
  /** The chunk may change once it was fed. */
  update(chunk: Uint8Array): void
  /** Base64 of what was fed so far; undefined for an algorithm that was not asked for. */
  read(name: DigestName): string | undefined
}

/** Starts hashing an empty body under each of `names` once. */
export const digests = (names: ReadonlySet<DigestName>): Digests =>
  names.size === 0 ? noDigests : new OpenDigests(names)

const noDigests: Digests = { update() {}, read: () => undefined }

/** Most assets are one small chunk, and hashing that in one go takes a quarter of the time: no hash is begun before the second. */
class OpenDigests implements Digests {
  readonly #names: ReadonlySet<DigestName>
  #only: Uint8Array | undefined
  #hashes: Map<DigestName, Hash> | undefined

  constructor(names: ReadonlySet<DigestName>) {
    this.#names = names
  }

  update(chunk: Uint8Array): void {
    if (!this.#hashes && !this.#only && chunk.length <= mostCopied) {
      this.#only = Buffer.from(chunk)
      return
    }
    for (const each of this.#begun().values()) each.update(chunk)
  }

  read(name: DigestName): string | undefined {
    if (!this.#names.has(name)) return undefined
    // A copy, since reading a hash ends it.
    if (this.#hashes) return this.#hashes.get(name)?.copy().digest('base64')
    return hash(name, this.#only ?? nothing, 'base64')
  }

  #begun(): Map<DigestName, Hash> {
    if (!this.#hashes) {
      const only = this.#only ?? nothing
      this.#hashes = new Map(Array.from(this.#names, name => [name, createHash(name).update(only)]))
      this.#only = undefined
    }
    return this.#hashes
  }
}

/** What is copied quicker than a hash is begun. */
const mostCopied = 64 * 1024

const nothing = new Uint8Array()

/** The algorithms that a digest to report and one to demand ask for. */
export const digestNames = (digest: DigestName | 'none', integrity?: Integrity): ReadonlySet<DigestName> => {
  if (!integrity || integrity.algorithm === digest) return only[digest]
  return digest === 'none' ? only[integrity.algorithm] : new Set([digest, integrity.algorithm])
}

/** Nearly every asset wants the same. */
const only: Readonly<Record<DigestName | 'none', ReadonlySet<DigestName>>> = {
  none: new Set(),
  sha256: new Set(['sha256']),
  sha512: new Set(['sha512']),
  md5: new Set(['md5']),
}
