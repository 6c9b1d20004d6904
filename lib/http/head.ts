import type { IncomingHttpHeaders } from 'node:http'

/** What a response says before its body. */
export type Head = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** Headers that are lists: several of them are one, in order (RFC 9110 section 5.3). */
const lists = new Set(['content-encoding', 'transfer-encoding'])

/** A head in which every header is one string. One that must stand alone, but came several times, contradicts itself: it counts as not sent. */
export const toHead = (
  status: number,
  sent: Readonly<Record<string, string | string[] | undefined>>,
): Head => {
  if (isPlain(sent)) return { status, headers: sent }
  const headers: Record<string, string> = {}
  for (const name in sent) {
    const value = sent[name]
    if (typeof value === 'string') headers[name] = value
    else if (value && lists.has(name)) headers[name] = value.join(', ')
  }
  return { status, headers }
}

/** Whether every header came once, as in nearly every response. */
const isPlain = (sent: Readonly<Record<string, unknown>>): sent is Record<string, string> => {
  for (const name in sent) if (typeof sent[name] !== 'string') return false
  return true
}

/** The bytes of a Content-Length, NaN without one; undici has checked its form. */
export const contentLength = ({ headers }: Head): number => Number(headers['content-length'] ?? Number.NaN)

/** Whether a body follows at all (RFC 9112 section 6.3): a HEAD and a 304 only tell the length of one. */
export const hasBody = ({ status }: Head, method: string): boolean =>
  method !== 'HEAD' && status !== 204 && status !== 304

/** Whether the response says itself where its body ends, rather than by the end of the connection (RFC 9112 section 6.3). */
export const isDelimited = (head: Head, method: string): boolean =>
  !hasBody(head, method) ||
  head.headers['content-length'] !== undefined ||
  /\bchunked\s*$/i.test(head.headers['transfer-encoding'] ?? '')
