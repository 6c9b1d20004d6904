import { randomUUID } from 'node:crypto'
import { lstat, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How the file system under `dir` treats names, asked by making real files there: the fold under which two paths are one file. */
export const probeFolding = async (dir: string): Promise<(path: string) => string> => {
  const foldsCase = await isSameFile(dir, 'probe', 'PROBE')
  const normalizes = await isSameFile(dir, '\u00e9', 'e\u0301')
  if (foldsCase && normalizes) return path => foldCase(path.normalize('NFD')).normalize('NFD')
  if (foldsCase) return foldCase
  return normalizes ? path => path.normalize('NFD') : path => path
}

const isSameFile = async (dir: string, name: string, otherName: string): Promise<boolean> => {
  const suffix = randomUUID()
  const probe = join(dir, name + suffix)
  await writeFile(probe, '', { flag: 'wx' })
  try {
    await lstat(join(dir, otherName + suffix))
    return true
  } catch {
    return false
  } finally {
    await rm(probe)
  }
}

// JavaScript has no case folding. Lower case first takes the Kelvin sign to k and U+1E9E to U+00DF; upper case then
// spells out sharp s and ligatures, as full folding does. Where a file system folds less than this, two names that are
// distinct there count as one: the later entry fails, which is better than overwriting the earlier one.
const foldCase = (path: string): string => path.toLowerCase().toUpperCase()
