import { mkdir } from 'node:fs/promises'
import { SyncError } from '../../errors.js'
import { holdInProcess } from '../../hold-in-process.js'

/**
 * Takes the lock of the kernel that is gone with its process, however that ends; undefined where another process, or this one, has it.
 * What comes back gives it free. `directory` is made if absent: it is an empty LevelDB, whose lock is the one that Node can take.
 * Rejects with ERR_POOL where the directory cannot be used.
 */
export const takeLock = async (directory: string): Promise<(() => Promise<void>) | undefined> => {
  let release: (() => void) | undefined
  try {
    await mkdir(directory, { mode: 0o700, recursive: true })
    release = await holdInProcess(directory)
    if (!release) return undefined
    const level = await openEmpty(directory)
    const free = release
    return async () => {
      await level.close()
      free()
    }
  } catch (error) {
    release?.()
    const code = codeOf(error)
    if (code === 'LEVEL_LOCKED') return undefined
    throw new SyncError('ERR_POOL', `the pool's lock ${directory} cannot be used (${code})`, { cause: error })
  }
}

const openEmpty = async (directory: string) => {
  // Most processes never serve, and need not load it.
  const { ClassicLevel } = await import('classic-level')
  const level = new ClassicLevel(directory, { compression: false, writeBufferSize: 64 * 1024, cacheSize: 0 })
  await level.open()
  return level
}

const codeOf = (error: unknown): string => {
  const { code, cause } = error as NodeJS.ErrnoException
  return cause ? codeOf(cause) : String(code)
}
