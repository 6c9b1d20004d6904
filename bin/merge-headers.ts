import { kinds } from '../lib/index.js'

/**
 * Headers of several layers as those of one, by name: a later one wins, as with curl. Undefined where no layer has any. What
 * cannot be read as headers is given back as it is, to be refused.
 */
export const mergeHeaders = (...layers: readonly unknown[]): unknown => {
  const given = layers.filter(layer => layer !== undefined)
  const read = given.map(kinds.headers.read)
  const unreadable = read.indexOf(undefined)
  if (unreadable >= 0 || given.length < 2) return given[Math.max(0, unreadable)]
  return read.reduce((merged, headers = {}) => ({ ...withoutHeaders(merged, headers), ...headers }))
}

/** Headers less those of `others`. */
export const withoutHeaders = (headers: unknown, others: unknown): Record<string, string> => {
  const names = new Set(Object.keys(kinds.headers.read(others) ?? {}).map(name => name.toLowerCase()))
  return Object.fromEntries(
    Object.entries(kinds.headers.read(headers) ?? {}).filter(([name]) => !names.has(name.toLowerCase())),
  )
}
