import type { LocalFile, NamedEntry } from '../entry.js'
import { isEntityTag } from './freshness.js'

/** Whether there is a condition at all: without one a GET brings the whole asset. */
export const hasCondition = (entry: NamedEntry): boolean => Object.keys(conditionOf(entry)).length > 0

/** The condition under which the file that stands would be sent again (RFC 9110 sections 13.1.2, 13.1.3). */
export const conditionOf = ({ local }: NamedEntry): Record<string, string> => {
  if (!local || local.stale) return {}
  const { etag, lastModified } = local.known ?? factsOfFile(local)
  const condition: Record<string, string> = {}
  if (isEntityTag(etag)) condition['if-none-match'] = etag
  if (lastModified !== undefined) condition['if-modified-since'] = lastModified
  return condition
}

const factsOfFile = ({ mtimeMs }: LocalFile): { etag?: string; lastModified?: string } =>
  mtimeMs === undefined ? {} : { lastModified: new Date(mtimeMs).toUTCString() }
