import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes `count` files of `bytes` below `root`, all of them the same one on disk; gives their paths as an origin knows them. */
export const makeAssets = (root: string, bytes: number, count: number): string[] => {
  const folder = `${bytes}`
  const content = join(root, `${folder}.bin`)
  mkdirSync(join(root, folder), { recursive: true })
  once(() => writeFileSync(content, Buffer.alloc(bytes, 'sluice'), { flag: 'wx' }))
  return Array.from({ length: count }, (_, index) => {
    const path = `/${folder}/${index}.bin`
    once(() => linkSync(content, join(root, path)))
    return path
  })
}

/** Does what may have been done before. */
const once = (make: () => void): void => {
  try {
    make()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
