import type { NamedEntry } from '../entry.js'
import { isEntityTag } from './freshness.js'
import { parseHttpDate } from './http-date.js'

/** Whether there is a condition at all: without one a GET brings the whole asset. */
export const hasCondition = (entry: NamedEntry): boolean => Object.keys(conditionOf(entry)).length > 0

/**
 * The condition under which the file that stands would be sent again (RFC 9110 sections 13.1.2, 13.1.3). Of what the index does not know
 * there is none: that a file was not modified at its origin since its mtime does not make it whole.
 */
export const conditionOf = ({ local }: NamedEntry): Record<string, string> => {
  if (!local?.known || local.stale) return {}
  const { etag, lastModified } = local.known
  const condition: Record<string, string> = {}
  if (isEntityTag(etag)) condition['if-none-match'] = etag
  if (lastModified !== undefined && parseHttpDate(lastModified) !== undefined)
    condition['if-modified-since'] = lastModified
  return condition
}
