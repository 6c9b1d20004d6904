import { mkdtempSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusal } from '../core/refuse.js'

/** What assets and one copy of them need, and some room. */
const neededBytes = 3 * 1024 ** 3
const tmpfsType = 0x01021994
const inMemory = '/dev/shm'

/** A new folder to work in, and what it is on. */
export type Place = { folder: string; kind: string }

/** In memory where that has room, as disks differ more than programs do; else among temporary files; or where `given` says. */
export const openPlace = (given: string | undefined): Place => {
  const parent = given ?? (hasRoom(inMemory) ? inMemory : tmpdir())
  try {
    const kind = isTmpfs(parent) ? 'in memory (tmpfs)' : `on the disk of ${parent}`
    return { folder: mkdtempSync(join(parent, 'sluice-speed-')), kind }
  } catch (error) {
    throw refusal(`--dir: ${(error as Error).message}`)
  }
}

const isTmpfs = (folder: string): boolean => statfsSync(folder).type === tmpfsType

const hasRoom = (folder: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return isTmpfs(folder) && Math.min(bavail * bsize, freemem()) > neededBytes
  } catch {
    return false
  }
}
