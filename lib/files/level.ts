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

/** ERR_DESTINATION with the reason why `dir` cannot be used; a bug stays a bug. */
export const unusable = (dir: string, error: unknown): SyncError => {
  const wrapped = wrap(error)
  if (error === wrapped || wrapped.code === 'ERR_INTERNAL') return wrapped
  return new SyncError('ERR_DESTINATION', `${dir} cannot be used: ${wrapped.message}`, { cause: error })
}
