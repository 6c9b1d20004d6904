import { constants } from 'node:fs'
import { lstat, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Wherever a link leads that stands there, nothing is made. */
const createHere = constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

const markerIn = (home: string): string => join(home, 'unfinished')

/**
 * When the earliest run began that could not tell the index of all that it had stored, since it was killed or the index could not be
 * written, in milliseconds since 1970 on the clock that files are stamped with; undefined where there was none since one that came to its
 * end. `home` is the state directory.
 */
export const unfinishedSince = async (home: string): Promise<number | undefined> => {
  try {
    return (await lstat(markerIn(home))).mtimeMs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Marks a run as begun, until the function that comes back is called; one that was killed stays marked, until a later one has come to its end. */
export const markUnfinished = async (home: string): Promise<() => Promise<void>> => {
  const marker = await open(markerIn(home), createHere, 0o600)
  await marker.close()
  return () => rm(markerIn(home), { force: true })
}
