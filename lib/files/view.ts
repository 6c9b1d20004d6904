import { access, constants, copyFile, lstat, mkdir, readdir, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { SyncError } from '../errors.js'
import { type AssetIndex, openAssetIndex } from './asset-index.js'
import { type Claims, openClaims } from './claims.js'
import { foldAll } from './destination.js'
import { inUse, lockLevel, unusable } from './level.js'
import { holdDirectory } from './one-holder.js'
import { makeShadow } from './shadow.js'
import { unfinishedSince } from './unfinished.js'

/*
 * LevelDB writes as soon as it is opened: it replays its log into a table and begins a new one. So a look at the index takes
 * a shadow of it, in a directory of its own: links to the tables, which never change once they are written, and copies of
 * the rest. First comes the lock of the run, so that nothing moves while the shadow is cast.
 */

/** The output directory, looked at without a change to it. */
export type View = {
  /** Its real path; an empty directory elsewhere where it does not exist. */
  readonly root: string
  readonly index: Pick<AssetIndex, 'get'>
  /** As a run would have it. */
  readonly unfinishedSince: number | undefined
  readonly claims: Claims
  /** Two paths with the same fold are the same file. */
  readonly fold: (path: string) => string
  /** Gives the directory free for the next run. */
  close(): Promise<void>
}

/** What is to be undone in the end, the latest first. */
type Undo = (() => unknown)[]

/** Looks at `dir`; ERR_DESTINATION if it cannot be read or a run has it. */
export const openView = async (dir: string): Promise<View> => {
  const undo: Undo = []
  const close = async (): Promise<void> => {
    const last = undo.pop()
    if (!last) return
    try {
      await last()
    } finally {
      await close()
    }
  }
  try {
    return { ...(await lookAt(dir, undo)), close }
  } catch (error) {
    await close()
    throw unusable(dir, error)
  }
}

const lookAt = async (dir: string, undo: Undo): Promise<Omit<View, 'close'>> => {
  const root = await directoryAt(dir, { name: dir, follow: true })
  const home = root && (await directoryAt(join(root, '.sluice')))
  const { shadow, clear } = await makeShadow()
  undo.push(clear)
  if (home) {
    undo.push(await holdDirectory(dir, home))
  }
  const stored = home && (await directoryAt(join(home, 'index')))
  if (stored) await takeLock(dir, { stored, shadow, undo })
  const index = stored ? await openShadow(stored, shadow) : undefined
  if (index) undo.push(index.close)
  const fold = home && (await foldsNames(home)) ? foldAll : (path: string) => path
  const claims = openClaims(join(shadow, 'claims'), { fold })
  undo.push(claims.close)
  const empty = join(shadow, 'empty')
  await mkdir(empty)
  return {
    root: root ?? empty,
    index: index ?? { get: async () => undefined },
    unfinishedSince: home ? await unfinishedSince(home) : undefined,
    claims,
    fold,
  }
}

/** Takes the lock of the run, unless there is none: then no run ever was there, and making it would be a change. */
const takeLock = async (
  dir: string,
  { stored, shadow, undo }: { stored: string; shadow: string; undo: Undo },
): Promise<void> => {
  if (!(await canBeTaken(join(stored, 'LOCK')))) return
  const guard = join(shadow, 'guard')
  await mkdir(guard)
  try {
    undo.push(await lockLevel(stored, guard))
  } catch (error) {
    throw inUse(dir, error) ?? error
  }
}

const canBeTaken = async (lock: string): Promise<boolean> => {
  try {
    await access(lock, constants.R_OK | constants.W_OK)
    return true
  } catch (error) {
    // Where nothing can be written no run can be under way.
    if (['ENOENT', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

const openShadow = async (from: string, shadow: string): Promise<AssetIndex> => {
  const to = join(shadow, '.sluice', 'index')
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from)) {
    // LevelDB reads tables by their former suffix, too, but never writes them by it: whatever number it gives to a new table,
    // that of one which a killed run left unlisted, or any where it starts anew, it does not write through a link.
    if (/^\d+\.(ldb|sst)$/.test(name)) await symlink(join(from, name), join(to, name.replace('.ldb', '.sst')))
    else if (/^(CURRENT|MANIFEST-\d+|\d+\.log)$/.test(name)) await copyFile(join(from, name), join(to, name))
  }
  return openAssetIndex(shadow, { durable: false })
}

/** The real path of a directory; undefined where nothing stands. The state directory is never one that a link leads to. */
const directoryAt = async (
  path: string,
  { name = path, follow = false }: { name?: string; follow?: boolean } = {},
): Promise<string | undefined> => {
  try {
    if (!(await found(path))) return undefined
    const real = follow ? await realpath(path) : path
    if ((await lstat(real)).isDirectory()) return real
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  throw new SyncError('ERR_DESTINATION', `${name} is not a directory`)
}

const found = async (path: string): Promise<boolean> => {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** Without a probe file the state directory itself has to tell whether another spelling of it is the same. */
const foldsNames = async (home: string): Promise<boolean> => {
  const other = await lstat(home.replace(/\.sluice$/, '.SLUICE')).catch(() => undefined)
  return other !== undefined && other.ino === (await lstat(home)).ino
}
