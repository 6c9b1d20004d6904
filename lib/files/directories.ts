import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { isOutOfDescriptors } from '../wrap.js'
import { blocked, diskError, escapes, sinkClosed, tooLong } from './disk-error.js'
import { bestHold, type Directory, flushNames, type Hold } from './hold.js'

/*
 * A path is checked when it is looked at and used a moment later; a directory that becomes a symbolic link in between
 * leads the write out of the root (the bug behind CVE-2021-32803, CVE-2024-12087 and their kin). Node has no openat(2), but
 * on Linux an open directory can be addressed as /proc/self/fd/N whatever becomes of its name. So every directory
 * is opened from its parent's handle, component by component and without following links, and files are placed
 * through the handle of the last one. Handles are kept in a small LRU; one is used again only while the kernel still
 * knows it by the name it was opened under, so a directory that was moved, deleted or replaced is walked to anew. The kernel is
 * asked once in a turn of the event loop: whatever happens to a name in between, the handle leads to the directory that was in
 * the root a moment ago, and to no other.
 * A link that stays inside the root is followed by walking to what it resolves to.
 * Where there is no /proc/self/fd the same walk is made by plain paths every time, and the moment between check and use stays open.
 */

/** Where a path can be used, at once: the handle may be closed when the next path is looked for. */
export type Place = {
  /** Address of the directory that holds it. */
  readonly parent: string
  /** Address of the file itself, for lstat and rename. */
  readonly at: string
}

/**
 * Directories below a root that nothing on disk can lead out of: a link on the way that leaves the root, or may, is
 * ERR_PATH_ESCAPE, a file where a directory must be ERR_PATH_TAKEN.
 */
export type Directories = {
  /** Where `path` is; undefined where a directory on the way is missing. */
  find(path: string): Place | undefined
  /** Where `path` is, once the directories that were missing are made. */
  make(path: string): Place
  /** Gives the handles back that are only kept for the next path, where descriptors have run out. */
  relieve(): void
  /** Gives the handles back; nothing is found or made from then on, for their numbers belong to others. */
  close(): void
}

const workspaceName = '.sluice'
const handles = 64
/** Linux's PATH_MAX: what lies deeper can be made through handles, but no other program could open it by name. */
const longestPath = 4095

/** Opens the root, following links to it; `durable` makes a new directory survive a power loss. */
export const openDirectories = (
  root: string,
  { durable, hold = bestHold() }: { durable: boolean; hold?: Hold },
): Directories => {
  const realRoot = realpathSync.native(root)
  const base = realRoot === '/' ? '' : realRoot
  const top: Directory = { path: '', ...hold.open(realRoot) }
  const known = new Map<string, Directory>()
  // What the kernel has said of names in this turn.
  const trusted = new Set<string>()
  const missing = new Set<string>()
  let isClosed = false

  const note = (names: Set<string>, path: string): void => {
    if (!hold.lasts) return
    if (trusted.size + missing.size === 0) setImmediate(forget)
    names.add(path)
  }

  const forget = (): void => {
    trusted.clear()
    missing.clear()
  }

  const directory = (path: string, wanted: Wanted): Directory | undefined => {
    if (path === '') return top
    if (trusted.has(path)) return known.get(path)
    if (missing.has(path) && !wanted.create) return undefined
    const kept = known.get(path)
    if (kept && hold.stands(kept, `${base}/${path}`)) return remember(kept)
    const slash = path.lastIndexOf('/')
    const parent = directory(path.slice(0, Math.max(0, slash)), wanted)
    const entered = parent && enter(parent, path.slice(slash + 1), wanted)
    if (!entered) note(missing, path)
    return entered
  }

  const enter = (parent: Directory, name: string, wanted: Wanted): Directory | undefined => {
    const at = `${parent.at}/${name}`
    const path = parent.path === '' ? name : `${parent.path}/${name}`
    // Only a link can lead here: a path that names it is refused before it is ever located.
    if (path === workspaceName) throw escapes(wanted.path)
    try {
      const found = lstatSync(at, { throwIfNoEntry: false })
      if (found?.isSymbolicLink()) return follow(at, wanted)
      if (!found && !wanted.create) return undefined
      if (!found) make(parent, at, wanted)
      else if (!found.isDirectory()) throw blocked(wanted.path)
      return remember({ path, ...hold.open(at) })
    } catch (error) {
      throw diskError(error, wanted.path)
    }
  }

  const follow = (at: string, wanted: Wanted): Directory | undefined => {
    const real = realPathOf(at)
    if (real === realRoot) return top
    if (!real?.startsWith(`${base}/`)) throw escapes(wanted.path)
    // By names again, not by what was resolved: a link that shows up there meanwhile is looked at like any other.
    return directory(real.slice(base.length + 1), wanted)
  }

  const make = (parent: Directory, at: string, { path }: Wanted): void => {
    try {
      mkdirSync(at)
    } catch (error) {
      // Where the root takes no new directory, no other entry fares better.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw diskError(error, path, parent === top ? 'run' : 'entry')
    }
    missing.clear()
    if (durable) flushNames(parent.at)
  }

  const remember = (entered: Directory): Directory => {
    const former = known.get(entered.path)
    if (former && former !== entered) hold.release(former)
    known.delete(entered.path)
    known.set(entered.path, entered)
    note(trusted, entered.path)
    const [oldest] = known.values()
    if (known.size > handles && oldest) {
      known.delete(oldest.path)
      trusted.delete(oldest.path)
      hold.release(oldest)
    }
    return entered
  }

  const relieve = (): void => {
    for (const kept of known.values()) hold.release(kept)
    known.clear()
    forget()
  }

  /** Tries again without the handles that are only kept, where descriptors have run out. */
  const relieved = <T>(walk: () => T): T => {
    try {
      return walk()
    } catch (error) {
      if (!isOutOfDescriptors(error) || known.size === 0) throw error
      relieve()
      return walk()
    }
  }

  const locate = (path: string, create: boolean): Place | undefined => {
    if (isClosed) throw sinkClosed()
    if (Buffer.byteLength(path) + base.length + 1 > longestPath) throw tooLong(path)
    const slash = path.lastIndexOf('/')
    const walk = () => directory(path.slice(0, Math.max(0, slash)), { path, create })
    const parent = relieved(walk)
    return parent && { parent: parent.at, at: `${parent.at}/${path.slice(slash + 1)}` }
  }

  return {
    find: path => locate(path, false),
    make(path) {
      const place = locate(path, true)
      if (!place) throw new Error(`${path} was neither found nor made`)
      return place
    },
    relieve,
    close() {
      if (isClosed) return
      isClosed = true
      relieve()
      hold.release(top)
    },
  }
}

/** What locate was asked for, carried along the walk. */
type Wanted = { readonly path: string; readonly create: boolean }

/** Undefined for a link that leads nowhere or in a circle: where it would lead cannot be told. */
const realPathOf = (at: string): string | undefined => {
  try {
    return realpathSync.native(at)
  } catch {
    return undefined
  }
}
