import { closeSync, constants, fstatSync, openSync, read } from 'node:fs'
import { promisify } from 'node:util'
import type { DigestName } from '../integrity.js'
import { type Digests, digests } from './digests.js'
import { workspaceError } from './disk-error.js'
import {
  keepPartial,
  type PartialFacts,
  type PartialFolders,
  removePartial,
  takePartial,
} from './partials.js'

/** A partial that is open for more, with its bytes already hashed. */
export type Taken = {
  readonly file: string
  readonly fd: number
  readonly bytes: number
  readonly facts: PartialFacts
  readonly digests: Digests
}

/** Takes up what a former run kept of `asset`, if anything; the file is the caller's from then on. When `signal` aborts the hashing, which takes minutes for a large file, the partial is put back. */
export const resume = async (
  folders: PartialFolders,
  asset: Pick<PartialFacts, 'path' | 'urlKey'>,
  names: ReadonlySet<DigestName>,
  signal?: AbortSignal,
): Promise<Taken | undefined> => {
  const partial = takePartial(folders, asset)
  if (!partial) return undefined
  let fd: number | undefined
  try {
    fd = openSync(partial.file, constants.O_RDWR | constants.O_NOFOLLOW)
    const fed = digests(names)
    if (names.size > 0) await feed(fed, fd, signal)
    return { ...partial, fd, bytes: fstatSync(fd).size, digests: fed }
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    if (signal?.aborted && error === signal.reason) {
      keepPartial(partial.file, folders)
      throw error
    }
    const reason = workspaceError(error)
    // What passes, such as too many open files, says nothing against the partial.
    if (reason.scope === 'attempt') keepPartial(partial.file, folders)
    else removePartial(partial.file)
    throw reason
  }
}

/** Not as a stream: one that is left early closes the descriptor at a time of its own. */
const feed = async (fed: Digests, fd: number, signal: AbortSignal | undefined): Promise<void> => {
  let position = 0
  let bytesRead: number
  do {
    signal?.throwIfAborted()
    // One each: a digest may keep what it was fed.
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    ;({ bytesRead } = await readAt(fd, buffer, 0, buffer.length, position))
    fed.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  } while (bytesRead > 0)
}

const readAt = promisify(read)
