import { randomUUID } from 'node:crypto'
import { lstat, mkdir, open, realpath, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SyncError } from '../errors.js'
import { type AssetIndex, openAssetIndex } from './asset-index.js'
import { type Claims, openClaims } from './claims.js'
import { probeFolding } from './folding.js'
import { flushNames } from './hold.js'
import { unusable } from './level.js'
import { holdDirectory } from './one-holder.js'
import { markUnfinished, unfinishedSince } from './unfinished.js'

/** The output directory, held by one run. */
export type Workspace = {
  /** Its real path. */
  readonly root: string
  /** Files that are being written. */
  readonly tmp: string
  /** Files that a later run may go on with. */
  readonly partial: string
  readonly index: AssetIndex
  /** The mtime from which on a file that the index does not know may be what a run has left that was killed, or could not write the index; undefined where none was. */
  readonly unfinishedSince: number | undefined
  readonly claims: Claims
  /** Two paths with the same fold are the same file. */
  readonly fold: (path: string) => string
  /** What a new file gets: 0666 less the umask. */
  readonly fileMode: number
  /** Gives the directory free for the next run; `isComplete` says that this one came to the end of what it was to do. */
  close(options?: { isComplete: boolean }): Promise<void>
}

/** Opens `dir` for one run, made if absent; ERR_DESTINATION if it cannot be used or another run has it. */
export const openWorkspace = async (dir: string, options: { durable: boolean }): Promise<Workspace> => {
  try {
    await makePath(dir, options)
    const root = await realpath(dir)
    const home = await ownDirectory(root, '.sluice')
    await ownDirectory(home, 'index')
    if (options.durable) flushNames(root)
    const release = await holdDirectory(dir, home)
    try {
      return await furnish(root, home, await openAssetIndex(root, options), release)
    } catch (error) {
      release()
      throw error
    }
  } catch (error) {
    throw isNoDirectory(error)
      ? new SyncError('ERR_DESTINATION', `${dir} is not a directory`, { cause: error })
      : unusable(dir, error)
  }
}

/** Makes `dir` and what is missing above it. Not by mkdir's own recursion, which never ends in a directory such as /proc that takes no entries. */
const makePath = async (dir: string, { durable }: { durable: boolean }): Promise<void> => {
  try {
    await mkdir(dir)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(dir) === dir) throw error
    await makePath(dirname(dir), { durable })
    await mkdir(dir)
  }
  if (durable) flushNames(dirname(dir))
}

/** Everything that changes what is in the directory, once the lock is held. */
const furnish = async (
  root: string,
  home: string,
  index: AssetIndex,
  release: () => void,
): Promise<Workspace> => {
  try {
    const tmp = await ownDirectory(home, 'tmp')
    // A rename does not lead from one file system to another, and a copy would not be atomic.
    if ((await lstat(root)).dev !== (await lstat(tmp)).dev)
      throw new SyncError('ERR_DESTINATION', `${home} is on another file system than ${root}`)
    const partial = await ownDirectory(home, 'partial')
    const fold = await probeFolding(tmp)
    const fileMode = await probeFileMode(tmp)
    const since = await unfinishedSince(home)
    const finish = await markUnfinished(home)
    const claims = openClaims(join(home, 'claims'), { fold })
    return {
      root,
      tmp,
      partial,
      index,
      unfinishedSince: since,
      claims,
      fold,
      fileMode,
      async close({ isComplete } = { isComplete: false }) {
        try {
          await claims.close()
        } finally {
          await index.close()
          // What the index was never told of is told of only by a run that comes across it: one that ended early may not have.
          if (index.isWhole() && (since === undefined || isComplete)) await finish()
          release()
        }
      },
    }
  } catch (error) {
    await index.close()
    throw error
  }
}

/** The directory `name` in `parent`, made for this user alone if absent; never one that a link leads to. */
const ownDirectory = async (parent: string, name: string): Promise<string> => {
  const path = join(parent, name)
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!(await lstat(path)).isDirectory())
      throw new SyncError('ERR_DESTINATION', `${path} is not a directory`, { cause: error })
  }
  return path
}

/** By making a file and looking: process.umask() without an argument is deprecated, since reading the umask means setting it. */
const probeFileMode = async (dir: string): Promise<number> => {
  const path = join(dir, randomUUID())
  const probe = await open(path, 'wx', 0o666)
  try {
    return (await probe.stat()).mode & 0o777
  } finally {
    await probe.close()
    await rm(path)
  }
}

const isNoDirectory = (error: unknown): boolean =>
  ['EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
