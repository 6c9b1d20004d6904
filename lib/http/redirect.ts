import { isUtf8 } from 'node:buffer'
import type { Entry } from '../entry.js'
import { SyncError } from '../errors.js'
import { extend } from '../extend.js'

/** One request on the way to an asset. */
export type Hop = {
  /** Without user info and fragment: what is asked for and nothing else. */
  readonly url: URL
  /** What the caller wants to be sent to the origin of the entry, credentials included; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Every URL asked for so far, this one included. */
  readonly asked: readonly string[]
}

/** Whether a status sends the client elsewhere: 300 offers a choice, 304 is no redirect, 305 and 306 are obsolete. */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

const maxRedirects = 10

type Headers = Readonly<Record<string, string>>

/** How entries are asked for first: with what the caller sends to their origin, and with their own headers over it. */
export const firstHops =
  (headersFor: (origin: string) => readonly Headers[] = () => []) =>
  ({ assetUrl, headers }: Pick<Entry, 'assetUrl' | 'headers'>): Hop =>
    firstHop(assetUrl, ...headersFor(assetUrl.origin), headers ?? {})

/** The first request for an asset, with headers of which later ones win; user info in its URL becomes Basic authentication unless they give their own. */
export const firstHop = (url: URL, ...headers: readonly Headers[]): Hop => {
  // Most assets are asked for without any.
  if (headers.every(given => isEmpty(given))) return toHop(url, {}, [])
  const entries = headers.flatMap(Object.entries).map(([name, value]) => [name.toLowerCase(), value])
  return toHop(url, Object.fromEntries(entries), [])
}

/**
 * The request that a redirect leads to, or throws ERR_REDIRECT. On another origin everything that the caller gave stays
 * behind, and since a hop knows no more than the one before it, nothing is there again on the way back.
 */
export const followRedirect = (
  { url, headers, asked }: Hop,
  location: string | readonly string[] | undefined,
): Hop => {
  if (typeof location !== 'string' || location.trim() === '') throw refusal('without exactly one Location')
  const address = asUtf8(location)
  if (!URL.canParse(address, url.href)) throw refusal('to what is not a URL')
  const target = new URL(address, url)
  if (target.protocol !== 'http:' && target.protocol !== 'https:') throw refusal(`to ${target.protocol}`)
  if (url.protocol === 'https:' && target.protocol === 'http:') throw refusal('from https to http')
  if (asked.length > maxRedirects) throw refusal(`after ${maxRedirects} others`)
  const hop = toHop(target, target.origin === url.origin ? headers : {}, asked)
  if (asked.includes(hop.url.href)) throw refusal('in a loop')
  return hop
}

/** The hop where redirects have led, as the first one of the next request: how many led there counts no more. */
export const arrived = (hop: Hop): Hop => extend(hop, { asked: [hop.url.href] })

/** Bytes beyond ASCII are not allowed in a Location, and are UTF-8 where there are some, as browsers take them; undici reads them one by one. */
const asUtf8 = (location: string): string => {
  const bytes = Buffer.from(location, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : location
}

/** Whether there is no header at all. */
export const isEmpty = (given: Headers = {}): boolean => {
  for (const _ in given) return false
  return true
}

const toHop = (target: URL, headers: Hop['headers'], asked: readonly string[]): Hop => {
  const hasUser = target.username !== '' || target.password !== ''
  // Most are it already, and a URL is parsed anew with every setter.
  const url = hasUser || target.hash !== '' ? bare(target) : target
  return {
    url,
    headers: hasUser ? extend(basic(target), headers) : headers,
    asked: [...asked, url.href],
  }
}

const bare = (target: URL): URL => {
  const url = new URL(target)
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}

const basic = ({ username, password }: URL): Record<string, string> => ({
  authorization: `Basic ${bytesOf(`${username}:${password}`).toString('base64')}`,
})

/** User info is ASCII once parsed; its escapes stand for bytes, which need not be UTF-8. */
const bytesOf = (escaped: string): Buffer => {
  const toByte = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))
  return Buffer.from(escaped.replace(/%([0-9a-f]{2})/gi, toByte), 'latin1')
}

const refusal = (why: string): SyncError => new SyncError('ERR_REDIRECT', `a redirect ${why}`)
