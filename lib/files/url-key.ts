import { hash } from 'node:crypto'

/** What identifies an asset's URL, as 32 hex of SHA-256: all of it but fragment and user info, or origin and path alone. */
export const urlKey = (url: URL, by: 'full' | 'path'): string =>
  hash('sha256', url.origin + url.pathname + (by === 'full' ? url.search : ''), 'hex').slice(0, 32)
