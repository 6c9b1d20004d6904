import { lstat } from 'node:fs/promises'
import { SyncError } from '../errors.js'

/**
 * Directories whose lock this process holds. A POSIX lock belongs to the process and is gone as soon as the process
 * closes any descriptor of the file, and LevelDB opens and closes it before it finds that the lock is its own already: a second
 * run in the process would be refused and would free the first run's lock for other processes.
 */
const held = new Set<string>()

/** Makes this the only holder of `dir`, whose state is in `home`, within the process; ERR_DESTINATION if it has one. Gives it free by what comes back. */
export const holdInProcess = async (dir: string, home: string): Promise<() => void> => {
  const { dev, ino } = await lstat(home, { bigint: true })
  // Not its path: a bind mount has two.
  const id = `${dev}:${ino}`
  if (held.has(id)) throw new SyncError('ERR_DESTINATION', `another sluice run is using ${dir}`)
  held.add(id)
  return () => held.delete(id)
}
