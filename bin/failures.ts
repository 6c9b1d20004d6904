import { type Failed, type Observer, redactUrl } from '../lib/index.js'
import type { Logger } from './log.js'

export type FailureOptions = {
  /** How many are warned of before a reader is sent to the outcomes; with 0 none is. */
  most?: number
}

/**
 * Tells of entries that failed, as they do: the first few as warnings, so that whoever sends the outcomes to a file sees
 * what is wrong (and gets a mail from cron, with -q only then); the others at the level of debugging.
 */
export const tellFailures = (log: Logger, { most = 5 }: FailureOptions = {}): ((outcome: Failed) => void) => {
  let told = 0
  return ({ index, url, error: { code, message, retryAt } }) => {
    // What the end of the run overtook is told of by the error that ended it.
    const isNews = code !== 'ERR_ABORTED'
    if (isNews) told++
    if (isNews && told === most + 1 && most > 0) log.warn('more entries failed: see the outcomes')
    const level = isNews && told <= most ? 'warn' : 'debug'
    // A run in which everything fails does not redact what nobody reads.
    if (!log.isLevelEnabled(level)) return
    const facts = {
      index,
      code,
      // In a row that is no entry it can be anything.
      ...(typeof url === 'string' && { url: redactUrl(url) }),
      ...(retryAt !== undefined && { retryAt }),
    }
    log[level](facts, code === 'ERR_ENTRY_INVALID' ? expectationOf(message) : message)
  }
}

/** What a row holds in place of a URL may be anything, and the message about it repeats it: only stdout does. */
const expectationOf = (message: string): string => message.replace(/, got .*/s, '')

/** Tells of attempts that failed and are made again, and of a pool that is lost and found. */
export const tellRetries =
  (log: Logger): Observer =>
  event => {
    if (event.event !== 'retry') return log[event.event === 'pool-lost' ? 'warn' : 'info'](event.message)
    const { index, url, attempt, attempts, code, message, waitMs } = event
    return log.debug(
      { index, code, waitMs: Math.round(waitMs), url: redactUrl(url) },
      `attempt ${attempt} of ${attempts}: ${message}`,
    )
  }
