import type { LocalFile, NamedEntry } from '../entry.js'
import { extend, type Mutable } from '../extend.js'
import type { Client } from '../http/client.js'
import { hasCondition } from '../http/condition.js'
import { codingOf } from '../http/decoding.js'
import { isFinal } from '../http/final.js'
import { freshness, isKnownToBe, matchesManifest, type Validators } from '../http/freshness.js'
import { contentLength, type Head } from '../http/head.js'
import type { Origins } from '../http/origins.js'
import type { Hop } from '../http/redirect.js'
import { type Skipped, type UnchangedBy, unchanged } from '../outcome.js'
import { type Work, workOf } from '../work.js'
import { wrap } from '../wrap.js'

/** The ways to tell what is unchanged. */
export type Check = 'head' | 'conditional' | 'manifest' | 'exists' | 'none'

/** What `incremental` needs. */
export type IncrementalOptions = {
  /** How "unchanged" is decided. */
  check: Check
  /** The way to the origins. */
  client: Client
  /** What is known of them: that one refuses HEAD is remembered there. */
  origins: Origins
  /** How an entry is asked for first. */
  hopTo: (entry: NamedEntry) => Hop
}

/** Settles an entry whose file is still what the origin has; passes on any other with what it learned of it. */
export const incremental = ({ check, client, origins, hopTo }: IncrementalOptions) => {
  /** What a HEAD tells of the asset; undefined where the origin refuses it, or fails. */
  const askHead = async (entry: NamedEntry, work: Work): Promise<Validators | undefined> => {
    try {
      const { head } = await client.send({
        method: 'HEAD',
        hop: hopTo(entry),
        expectBytes: 0,
        accept: () => undefined,
        work,
      })
      return toValidators(head, entry.local)
    } catch (error) {
      const reason = wrap(error)
      if (isFinal(reason)) throw error
      if (refusals.has(reason.statusCode ?? 0)) origins.of(entry.assetUrl.origin).headRefused = true
      return undefined
    }
  }

  const compare = async (entry: NamedEntry, work: Work): Promise<NamedEntry | Skipped> => {
    const facts = origins.of(entry.assetUrl.origin)
    const found = await askHead(entry, work)
    if (!found) return facts.headRefused ? ifChanged(entry) : entry
    const verdict = entry.local ? freshness(entry.local, found) : { state: 'stale' as const }
    if (verdict.state === 'fresh') return skip(entry, verdict.by, work)
    if (verdict.state === 'stale') return extend(entry, { found })
    facts.headSilent = true
    return ifChanged(entry)
  }

  return (entry: NamedEntry, given?: unknown): NamedEntry | Skipped | Promise<NamedEntry | Skipped> => {
    const work = workOf(given)
    const { local } = entry
    if (!local || check === 'none') return entry
    if (check === 'exists') return skip(entry, 'exists', work)
    if (local.stale || breaksDemands(entry)) return entry
    const matches = check === 'manifest' ? matchesManifest(local, entry) : undefined
    if (matches !== undefined) return matches ? skip(entry, 'manifest', work) : entry
    const { headRefused, headSilent } = origins.of(entry.assetUrl.origin)
    if (headRefused || ((check === 'conditional' || headSilent) && hasCondition(entry)))
      return ifChanged(entry)
    return compare(entry, work)
  }
}

/** Statuses with which an origin refuses HEAD rather than the asset. */
const refusals = new Set([400, 403, 405, 501])

/** What is encoded on the wire is not as long as the file: only the index knows how long it was. */
const toValidators = (head: Head, local: LocalFile | undefined): Validators => {
  const { etag, 'last-modified': lastModified } = head.headers
  const length = codingOf(head) && !local?.known ? Number.NaN : contentLength(head)
  const found: Mutable<Validators> = {}
  if (etag !== undefined) found.etag = etag
  if (lastModified !== undefined) found.lastModified = lastModified
  if (!Number.isNaN(length)) found.length = length
  return found
}

/** Wants the body only if it changed; wants it all the same where nothing is known that could tell. */
const ifChanged = (entry: NamedEntry): NamedEntry =>
  hasCondition(entry) ? extend(entry, { conditional: true as const }) : entry

/** The stored bytes are not known to be what the entry demands. */
const breaksDemands = ({ local, size, integrity }: NamedEntry): boolean => {
  if (size !== undefined && size !== local?.bytes) return true
  return integrity !== undefined && !(local && isKnownToBe(local, integrity))
}

const skip = (entry: NamedEntry, by: UnchangedBy, { received }: Work): Skipped => {
  const bytes = entry.local?.bytes ?? 0
  return unchanged(entry, by, received > 0 ? { bytes, received } : { bytes })
}
