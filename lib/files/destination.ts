import { SyncError } from '../errors.js'
import { bytesOf, isPlain, maxComponentBytes } from './component.js'

/** What is left of the 4,096 bytes that Linux allows for a path once the root has its share. */
export const maxPathBytes = 3840

/** The directory below the root that sluice keeps its own state in. */
export const stateDirectory = '.sluice'

/**
 * `path` as it may be used below the root, or throws ERR_PATH_INVALID or ERR_PATH_ESCAPE. Unless `fold` says how the file
 * system folds names, the state directory is protected in every spelling that some file system takes for it.
 */
export const safePath = (path: string, fold: (path: string) => string = foldAll): string => {
  if (isPlain(path)) return path
  if (!path.isWellFormed()) throw invalid('well-formed Unicode')
  if (/[\\\p{Cc}]/u.test(path)) throw invalid('no backslash and no control character')
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) throw invalid('a relative path without a drive letter')
  if (bytesOf(path) > maxPathBytes) throw invalid(`at most ${maxPathBytes} bytes`)
  const components = path.split('/')
  if (components.some(isDots)) throw invalid('no empty, "." or ".." component')
  if (components.some(component => bytesOf(component) > maxComponentBytes))
    throw invalid(`components of at most ${maxComponentBytes} bytes`)
  if (fold(components[0] ?? '') === fold(stateDirectory))
    throw new SyncError('ERR_PATH_ESCAPE', `path: ${stateDirectory} is where sluice keeps its own state`)
  return path
}

/** Equal for all names that a file system may take for the same one: ext4 with casefold and HFS+ also ignore invisible characters. */
export const foldAll = (name: string): string =>
  name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFD')
    .toUpperCase()

const isDots = (component: string): boolean => component === '' || component === '.' || component === '..'

const invalid = (expected: string): SyncError =>
  new SyncError('ERR_PATH_INVALID', `path: expected ${expected}`)
