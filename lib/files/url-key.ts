import { hash } from 'node:crypto'

/** What identifies an asset's URL, as 32 hex of SHA-256: all of it but fragment and user info, or origin and path alone. */
export const urlKey = (url: URL, by: 'full' | 'path'): string =>
  hash('sha256', keyOf(url, by), 'hex').slice(0, 32)

const keyOf = (url: URL, by: 'full' | 'path'): string => {
  const { href } = url
  // Most URLs have nothing else, and each part of one costs as much as the hash.
  if (!(by === 'full' ? beyondFull : beyondPath).test(href)) return href
  return url.origin + url.pathname + (by === 'full' ? url.search : '')
}

/** A fragment, user info, or an empty query. */
const beyondFull = /[#@]|\?$/
const beyondPath = /[#@?]/
