import { lstat } from 'node:fs/promises'

/**
 * What this process holds. A POSIX lock belongs to the process and is gone as soon as the process closes any descriptor of
 * the file, and LevelDB opens and closes it before it finds that the lock is its own already: a second holder in the process
 * would be refused and would free the first one's lock for other processes.
 */
const held = new Set<string>()

/** Makes the caller the only holder of what stands at `path` within the process, until it calls what comes back; undefined where it has one. Rejects with the error of node:fs if nothing stands there. */
export const holdInProcess = async (path: string): Promise<(() => void) | undefined> => {
  const { dev, ino } = await lstat(path, { bigint: true })
  // Not its path: a bind mount has two.
  const id = `${dev}:${ino}`
  if (held.has(id)) return undefined
  held.add(id)
  return () => held.delete(id)
}
