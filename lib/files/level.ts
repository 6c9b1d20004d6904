import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { SyncError } from '../errors.js'
import { wrap } from '../wrap.js'

/**
 * Opens the LevelDB at `location`, made if absent, in memory that does not grow with what is stored: some 10 MiB, and at
 * most 64 MiB of tables mapped that the kernel can take back. Throws LevelDB's own error, or that of node:fs.
 */
export const openLevel = async (
  location: string,
  { compression }: { compression: boolean },
): Promise<ClassicLevel> => {
  const level = new ClassicLevel(location, {
    compression,
    writeBufferSize: 2 * 1024 * 1024,
    cacheSize: 2 * 1024 * 1024,
    // LevelDB's least: 64 tables, mapped whole, and 10 for itself. Smaller tables than these it does not make either.
    maxOpenFiles: 74,
    maxFileSize: 1024 * 1024,
  })
  try {
    await level.open()
  } catch (error) {
    throw error instanceof Error && error.cause ? error.cause : error
  }
  return level
}

/** Writes records at once, all of them or none. One by one they cost a quarter of what an array of them does, which abstract-level (3.1) copies. */
export const putAll = async (
  level: ClassicLevel,
  records: Iterable<readonly [key: string, value: string]>,
  options: { sync: boolean } = { sync: false },
): Promise<void> => {
  const batch = level.batch()
  for (const [key, value] of records) batch.put(key, value)
  await batch.write(options)
}

/** ERR_DESTINATION with the reason why `dir` cannot be used; a bug stays a bug. */
export const unusable = (dir: string, error: unknown): SyncError => {
  const wrapped = wrap(error)
  if (error === wrapped || wrapped.code === 'ERR_INTERNAL') return wrapped
  return new SyncError('ERR_DESTINATION', `${dir} cannot be used: ${wrapped.message}`, { cause: error })
}

/** ERR_DESTINATION where an error says that another run has the database of `dir`. */
export const inUse = (dir: string, error: unknown): SyncError | undefined =>
  (error as NodeJS.ErrnoException).code === 'LEVEL_LOCKED'
    ? new SyncError('ERR_DESTINATION', `another sluice run is using ${dir}`, { cause: error })
    : undefined

/**
 * Takes the lock of the LevelDB at `location`, whose files it does not touch, until the function that comes back is called: an empty
 * database in `guard`, an empty directory, has that lock for its own by a link. LevelDB alone opens the file, for whoever closes it
 * once more in this process frees it. Throws LevelDB's own error where another process has it.
 */
export const lockLevel = async (location: string, guard: string): Promise<() => Promise<void>> => {
  await symlink(join(location, 'LOCK'), join(guard, 'LOCK'))
  const level = await openLevel(guard, { compression: false })
  return () => level.close()
}
