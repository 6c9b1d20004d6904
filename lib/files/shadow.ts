import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unusable } from './level.js'

/** Of all that are open: a listener to the exit of the process for each would be too many for Node. */
const shadows = new Set<string>()

/** Makes a directory for this user alone among temporary files; it is gone when it is cleared or the process exits. */
export const makeShadow = async (): Promise<{ shadow: string; clear: () => void }> => {
  const shadow = await mkdtemp(join(tmpdir(), 'sluice-')).catch(error => {
    throw unusable(tmpdir(), error)
  })
  shadows.add(shadow)
  if (shadows.size === 1) process.on('exit', clearAll)
  return {
    shadow,
    clear() {
      shadows.delete(shadow)
      if (shadows.size === 0) process.off('exit', clearAll)
      remove(shadow)
    },
  }
}

const clearAll = (): void => {
  for (const shadow of shadows) remove(shadow)
}

const remove = (shadow: string): void => rmSync(shadow, { recursive: true, force: true })
