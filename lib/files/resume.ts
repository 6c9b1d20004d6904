import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs'
import type { DigestName } from '../integrity.js'
import { type Digests, digests } from './digests.js'
import { workspaceError } from './disk-error.js'
import { type PartialFacts, type PartialFolders, removePartial, takePartial } from './partials.js'

/** A partial that is open for more, with its bytes already hashed. */
export type Taken = {
  readonly file: string
  readonly fd: number
  readonly bytes: number
  readonly facts: PartialFacts
  readonly digests: Digests
}

/** Takes up what a former run kept of `asset`, if anything; the file is the caller's from then on. */
export const resume = async (
  folders: PartialFolders,
  asset: Pick<PartialFacts, 'path' | 'urlKey'>,
  names: ReadonlySet<DigestName>,
): Promise<Taken | undefined> => {
  const partial = takePartial(folders, asset)
  if (!partial) return undefined
  let fd: number | undefined
  try {
    fd = openSync(partial.file, constants.O_RDWR | constants.O_NOFOLLOW)
    const fed = digests(names)
    if (names.size > 0)
      for await (const chunk of createReadStream('', { fd, start: 0, autoClose: false, highWaterMark }))
        fed.update(chunk)
    return { ...partial, fd, bytes: fstatSync(fd).size, digests: fed }
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    removePartial(partial.file)
    throw workspaceError(error)
  }
}

const highWaterMark = 1024 * 1024
