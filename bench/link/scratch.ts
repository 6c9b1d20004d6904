import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new directory in memory, where there is such a place: no disk may decide how fast something arrives. */
export const openScratch = (): { path: string; empty(name: string): string; close(): void } => {
  const path = mkdtempSync(join(inMemory(), `sluice-bench-${process.pid}-`))
  return {
    path,
    empty(name) {
      rmSync(join(path, name), { recursive: true, force: true })
      mkdirSync(join(path, name), { recursive: true })
      return join(path, name)
    },
    close: () => rmSync(path, { recursive: true, force: true }),
  }
}

const inMemory = (): string => {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}
