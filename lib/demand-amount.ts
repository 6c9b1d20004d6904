import { SyncError } from './errors.js'

/** Throws ERR_OPTION unless `given` is a number (Infinity is one) of at least `from`, or one above 0 where nothing is said. */
export const demandAmount = (name: string, given: unknown, from?: number): void => {
  const isEnough = typeof given === 'number' && (from === undefined ? given > 0 : given >= from)
  if (isEnough) return
  const expected = from === undefined ? 'a number above 0' : `a number of at least ${from}`
  const shown = typeof given === 'number' ? String(given) : typeof given
  throw new SyncError('ERR_OPTION', `${name}: expected ${expected}, got ${shown}`)
}
