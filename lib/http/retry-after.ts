import { parseHttpDate } from './http-date.js'

/** The last moment a Date can hold (ECMA-262, time values). */
const endOfTime = 8.64e15

/** Milliseconds to wait from `now` that a Retry-After asks for; undefined when it is absent or in none of its two forms. */
export const retryAfterMs = (value: string | undefined, now: number): number | undefined => {
  const text = value?.trim() ?? ''
  // Number would also take "", "0x10" and "1e9".
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, endOfTime - now)
  const date = parseHttpDate(text, now)
  return date === undefined ? undefined : Math.max(0, date - now)
}
