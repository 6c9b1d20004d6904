import { lstatSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SyncError } from '../../errors.js'
import { clip } from '../../invalid.js'

/** sun_path of Linux and of the BSDs, less the zero at its end. */
const longestPathBytes = process.platform === 'linux' ? 107 : 103

/** Where the user's own sockets go. */
export type Surroundings = {
  /** $XDG_RUNTIME_DIR, or what it is in a login. */
  readonly runtime?: string | undefined
  /** Where everybody may make directories. */
  readonly temporary?: string
}

/**
 * The path of the socket that `url` names, `unix:PATH` or `local:`. The directory of `local:` is made for this user alone if absent.
 * ERR_OPTION where it is neither, where it is longer than the system allows, or where that directory is open to others.
 */
export const socketPath = (
  url: string,
  { runtime = process.env['XDG_RUNTIME_DIR'] || ownRuntime(), temporary = '/tmp' }: Surroundings = {},
): string => {
  const path = url === 'local:' ? join(ownDirectory(runtime, temporary), 'pools') : pathOf(url)
  const bytes = Buffer.byteLength(path)
  if (bytes > longestPathBytes)
    throw new SyncError(
      'ERR_OPTION',
      `pool: expected the path of a socket of at most ${longestPathBytes} bytes, got ${bytes}: ${clip(path)}`,
    )
  return path
}

const pathOf = (url: string): string => {
  const [, path] = /^unix:([^\0]+)$/.exec(url) ?? []
  if (path === undefined)
    throw new SyncError('ERR_OPTION', `pool: expected local: or unix:PATH, got ${clip(url)}`)
  // The run may change its directory, and begin to serve only then.
  const absolute = resolve(path)
  const directory = dirname(absolute)
  if (!isDirectory(directory))
    throw new SyncError(
      'ERR_OPTION',
      `pool: expected a socket in a directory that is there, got ${clip(url)}`,
    )
  return absolute
}

/** What the variable says in a login, for jobs that have none of its variables: they are to find the same pools. */
const ownRuntime = (): string | undefined => {
  const directory = `/run/user/${process.getuid?.()}`
  return isDirectory(directory) ? directory : undefined
}

const ownDirectory = (runtime: string | undefined, temporary: string): string => {
  const user = process.getuid?.() ?? 0
  const directory = runtime ? join(runtime, 'sluice') : join(temporary, `sluice-${user}`)
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST')
      throw new SyncError('ERR_OPTION', `pool: ${directory} cannot be made (${code})`, { cause: error })
  }
  // Whoever may write there may answer in the place of the pool, or keep it from being made.
  const found = lstatSync(directory)
  const fault = !found.isDirectory()
    ? 'is no directory'
    : found.uid !== user
      ? `belongs to user ${found.uid}`
      : (found.mode & 0o077) !== 0
        ? `has mode 0${(found.mode & 0o777).toString(8)}`
        : undefined
  if (fault === undefined) return directory
  throw new SyncError(
    'ERR_OPTION',
    `pool: expected a directory of mode 0700 that belongs to user ${user}, but ${directory} ${fault}`,
  )
}

const isDirectory = (path: string): boolean => {
  try {
    return lstatSync(join(path, '.')).isDirectory()
  } catch {
    return false
  }
}
