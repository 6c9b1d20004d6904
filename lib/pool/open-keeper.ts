import { redactUrl } from '../redact.js'
import type { Keeper } from './keeper.js'

/** Opens the keeper of the pool `name` at `url`; rejects with ERR_POOL, retryable where trying again may help. */
export const openKeeper = async (url: string, name: string): Promise<Keeper> => {
  // Not at the top: a run without a pool loads neither.
  if (/^rediss?:/.test(url)) {
    const { openRedisKeeper } = await import('./redis/redis-keeper.js')
    return openRedisKeeper(url, name)
  }
  const { openSocketKeeper } = await import('./socket/open-socket-keeper.js')
  return openSocketKeeper(url, name)
}

/** A pool's URL as it may be shown: without a password. */
export const shownUrl = (url: string): string => (/^rediss?:/.test(url) ? redactUrl(url) : url)
