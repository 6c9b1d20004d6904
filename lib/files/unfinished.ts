import { lstat, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

const markerIn = (home: string): string => join(home, 'unfinished')

/**
 * When the earliest run began that was killed before it could tell the index of all that it had stored, in milliseconds since 1970 on
 * the clock that files are stamped with; undefined where every run came to its end. `home` is the state directory.
 */
export const unfinishedSince = async (home: string): Promise<number | undefined> => {
  try {
    return (await lstat(markerIn(home))).mtimeMs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Marks a run as begun, until the function that comes back is called; one that was killed stays marked. */
export const markUnfinished = async (home: string): Promise<() => Promise<void>> => {
  const marker = await open(markerIn(home), 'a', 0o600)
  await marker.close()
  return () => rm(markerIn(home), { force: true })
}
