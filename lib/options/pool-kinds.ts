import { parseSize } from '../units.js'
import type { Kind } from './kinds.js'

/** Requests, bytes or a provider's units that may be used in a period. */
export type QuotaLimit = {
  readonly of: 'requests' | 'bytes' | 'units'
  readonly limit: number
  readonly per: 'day' | 'month'
}

/** Quotas, one of each thing that is counted. */
export const quotas: Kind<readonly QuotaLimit[]> = {
  expected: 'quotas such as 5000/d, 750GB/d or 20TB/mo, with commas between them',
  read(given) {
    const all = String(given)
      .split(',')
      .map(each => parseQuota(each.trim()))
    const isTwice = new Set(all.map(quota => quota?.of)).size < all.length
    return isTwice || all.includes(undefined) ? undefined : (all as QuotaLimit[])
  },
}

const parseQuota = (text: string): QuotaLimit | undefined => {
  const [, amount = '', period] = /^(.+)\/(d|mo)$/.exec(text) ?? []
  if (period === undefined) return undefined
  const per = period === 'd' ? 'day' : 'month'
  // A number alone are requests, of which there are no halves.
  const [, count, units] = /^([1-9]\d{0,14})( ?units)?$/.exec(amount) ?? []
  if (count !== undefined) return { of: units ? 'units' : 'requests', limit: Number(count), per }
  const limit = /[a-z]$/i.test(amount) ? parseSize(amount) : undefined
  return limit ? { of: 'bytes', limit, per } : undefined
}

/** Whose midnight it is. */
export const timeZone: Kind<string> = {
  expected: 'a time zone such as UTC or America/Los_Angeles',
  read(given) {
    // The first time that is asked for takes a fifth of what a short run does, and every system has this zone.
    if (given === 'UTC') return given
    try {
      return new Intl.DateTimeFormat('en', { timeZone: String(given) }) && String(given)
    } catch {
      return undefined
    }
  },
}

/** Where a pool is kept; its URL may hold a password. */
export const poolUrl: Kind<string> = {
  expected: 'redis://HOST, rediss://HOST, unix:PATH or local:',
  read: given =>
    typeof given === 'string' &&
    (/^rediss?:\/\/./.test(given) ? URL.canParse(given) : /^(unix:.+|local:)$/.test(given))
      ? given
      : undefined,
  isSecret: true,
}

/** Names go into keys and paths. */
export const poolName: Kind<string> = {
  expected: 'a name of at most 100 letters, digits, dots, dashes, underscores or @',
  read: given => (typeof given === 'string' && /^[\w.@-]{1,100}$/.test(given) ? given : undefined),
}
