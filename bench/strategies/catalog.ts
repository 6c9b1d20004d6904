import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mixedSizes } from './sizes.js'

/** The assets of an origin, as files. */
export type Catalog = {
  readonly paths: readonly string[]
  readonly bytes: number
  /** Puts something else under every tenth name, of the same length. */
  change(): void
}

const folder = 'assets'

/** Makes `count` assets of a mixed size below `root`, as of yesterday. */
export const makeCatalog = (root: string, count: number): Catalog => {
  const sizes = mixedSizes(count, 60_000)
  mkdirSync(join(root, folder))
  const write = (index: number, content: string, at: number): void => {
    const file = join(root, folder, `${index}.bin`)
    writeFileSync(file, Buffer.alloc(sizes[index] ?? 0, content))
    utimesSync(file, at, at)
  }
  const now = Math.floor(Date.now() / 1000)
  for (const index of sizes.keys()) write(index, 'yesterday', now - 86_400)
  return {
    paths: sizes.map((_, index) => `/${folder}/${index}.bin`),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    change() {
      for (const index of sizes.keys()) if (index % 10 === 0) write(index, 'today', now)
    },
  }
}
