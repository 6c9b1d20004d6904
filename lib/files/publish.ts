import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  futimesSync,
  lstatSync,
  openSync,
  renameSync,
} from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Directories, Place } from './directories.js'
import { diskError, taken } from './disk-error.js'

/*
 * The one moment in which an asset appears: a file that was written whole under a temporary name gets its mode and time through
 * its descriptor, is closed, and is renamed over whatever stands at its destination. An error before the rename,
 * those of fsync and close included, leaves the destination as it was. Nothing waits between looking at the destination
 * and the rename, since another draft could close the directory's handle meanwhile.
 */

/** A temporary file with nothing left to write, and what it becomes. */
export type Finished = {
  readonly fd: number
  readonly file: string
  /** Closes `fd`; what it throws means that the file may not be whole. */
  readonly close: () => void
  /** Destination below the root. */
  readonly path: string
  /** As the origin gave it; becomes the file's time where it is a date. */
  readonly lastModified?: string | undefined
  /** The file has the mode of new files, and nothing stood at its destination when it was begun: what may stand there now hands no mode on. */
  readonly isNew?: boolean
}

/** Puts a finished file under its final name, whole or not at all; resolves to the time that the disk keeps for it. */
export type Publish = (finished: Finished) => Promise<number>

export type PublisherOptions = {
  /** Mode of a file that is new; one that is replaced hands its mode on. */
  readonly fileMode: number
  /** Makes file and name survive a power loss. */
  readonly durable: boolean
}

/** Publishes below the root of `directories`. */
export const publisher = (directories: Directories, { fileMode, durable }: PublisherOptions): Publish => {
  const place = async (file: string, target: Target, path: string): Promise<void> => {
    // Opened before: once the file is in place nothing may fail that could be tried again.
    const names = durable ? openNames(target.parent) : undefined
    try {
      rename(file, target, path)
      if (names !== undefined) await flush(names)
    } finally {
      if (names !== undefined) closeSync(names)
    }
  }

  return async ({ fd, file, close, path, lastModified, isNew = false }) => {
    const look = (): Target => (isNew ? directories.make(path) : lookAt(directories, path))
    try {
      let target = look()
      if (!isNew) tolerate(() => fchmodSync(fd, target.mode ?? fileMode))
      const mtimeMs = date(fd, lastModified)
      if (durable) {
        await flush(fd)
        target = look()
      }
      close()
      try {
        await place(file, target, path)
      } catch (error) {
        // The directory went away under its handle, which the next turn will know.
        if (codeOf(error) !== 'ENOENT') throw error
        await setImmediate()
        await place(file, look(), path)
      }
      return mtimeMs
    } catch (error) {
      throw diskError(error, path)
    }
  }
}

type Target = Place & { readonly mode?: number }

const lookAt = (directories: Directories, path: string): Target => {
  const place = directories.make(path)
  const found = lstatSync(place.at, { throwIfNoEntry: false })
  if (found?.isDirectory()) throw taken(path)
  return found?.isFile() ? { mode: found.mode & 0o777, ...place } : place
}

const rename = (file: string, { at, mode }: Target, path: string): void => {
  try {
    renameSync(file, at)
  } catch (error) {
    // A file that must not be replaced (chattr +i) is a matter of its own; a root without write permission is not.
    if (codeOf(error) === 'ENOENT') throw error
    throw diskError(error, path, path.includes('/') || mode !== undefined ? 'entry' : 'run')
  }
}

/** By descriptor, since utimes(2) on a name would follow a link that was put there. */
const date = (fd: number, lastModified = ''): number => {
  const modified = parseHttpDate(lastModified)
  if (modified !== undefined) tolerate(() => futimesSync(fd, modified / 1000, modified / 1000))
  return fstatSync(fd).mtimeMs
}

/** FAT, exFAT and some network shares keep no modes or times; the bytes are what counts. */
const tolerate = (set: () => void): void => {
  try {
    set()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EINVAL'].includes(code)) throw error
  }
}

/** The three forms of RFC 9110 section 5.6.7; the oldest, asctime, says no zone and would be taken for local time. */
const parseHttpDate = (text: string): number | undefined => {
  if (!/^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(text)) return undefined
  const ms = Date.parse(/ GMT$/.test(text) ? text : `${text} GMT`)
  return Number.isNaN(ms) ? undefined : ms
}

const flush = promisify(fsync)

const openNames = (directory: string): number =>
  openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
