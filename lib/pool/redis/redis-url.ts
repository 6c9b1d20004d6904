import { SyncError } from '../../errors.js'
import { redactUrl } from '../../redact.js'

/** Where a Redis is, and who asks. */
export type RedisAddress = {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly username?: string
  readonly password?: string
  readonly tls?: Record<string, never>
  /** For people: the password is not in it. */
  readonly shown: string
}

/** Takes a `redis://` or `rediss://` URL apart. Throws ERR_OPTION for anything else, and never shows a password. */
export const parseRedisUrl = (url: string): RedisAddress => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const db = /^\/?(\d{0,5})$/.exec(parsed?.pathname ?? 'none')?.[1]
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '' || db === undefined)
    throw new SyncError('ERR_OPTION', `pool: expected redis://HOST:PORT/DB, or rediss, got ${redactUrl(url)}`)
  const { username, password } = parsed
  return {
    // An IPv6 address stands in brackets, which belong to the URL.
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port || 6379),
    db: Number(db),
    ...(username && { username: decoded(username) }),
    ...(password && { password: decoded(password) }),
    ...(parsed.protocol === 'rediss:' && { tls: {} }),
    shown: redactUrl(url),
  }
}

/** A percent sign that escapes nothing stands for itself. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
