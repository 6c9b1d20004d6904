import { SyncError } from './errors.js'
import { nearestTo } from './nearest.js'

/** Throws ERR_OPTION for an option of `given` that is none of `names`: misspelt, it would be the default without a word. */
export const refuseUnknown = (given: object, names: readonly string[]): void => {
  const unknown = Object.keys(given).find(name => !names.includes(name))
  if (unknown === undefined) return
  const nearest = nearestTo(unknown, names)
  throw new SyncError(
    'ERR_OPTION',
    `${unknown}: no such option${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
  )
}
