import { closeSync, constants, ftruncateSync, openSync } from 'node:fs'
import type { Digests } from './digests.js'
import { workspaceError } from './disk-error.js'
import type { Growth } from './growth.js'
import { describePartial, forgetPartial, leastPartialBytes, type PartialFacts } from './partials.js'
import type { Taken } from './resume.js'
import { writeAll, writeAllNow } from './write-all.js'

/** A temporary file at its end, with the digests of what is in it; from 1 MiB of a known version on it can outlive the process. */
export type GrowingFile = Omit<Growth, 'commit' | 'abandon'> & {
  readonly file: string
  /** The descriptor; makes the file if nothing was ever added. */
  open(): number
  /** Closes the descriptor, if there is one; what it throws means that the file may not be whole. */
  close(): void
}

export type GrowingFileOptions = {
  /** Its name; made by the first byte where nothing is kept. */
  readonly file: string
  readonly asset: Pick<PartialFacts, 'path' | 'urlKey'>
  readonly newDigests: () => Digests
  /** What a former run left under this name. */
  readonly kept?: Taken | undefined
}

/** Up to here bytes are written at once: for a small asset a turn through the thread pool costs more than the write. */
const promptBytes = 256 * 1024

/** O_EXCL also refuses a link, wherever it leads. */
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL

/** Makes no file before the first byte. */
export const growingFile = ({ file, asset, newDigests, kept }: GrowingFileOptions): GrowingFile => {
  let fd = kept?.fd
  let bytes = kept?.bytes ?? 0
  let digests = kept?.digests ?? newDigests()
  let facts = kept?.facts
  let isDescribed = kept !== undefined

  const open = (): number => {
    try {
      fd ??= openSync(file, newFile, 0o600)
      return fd
    } catch (error) {
      throw workspaceError(error)
    }
  }

  const remember = (): void => {
    if (!facts || isDescribed || bytes < leastPartialBytes) return
    describePartial(file, facts)
    isDescribed = true
  }

  const forget = (): void => {
    if (isDescribed) forgetPartial(file)
    isDescribed = false
    facts = undefined
  }

  const hash = (chunks: readonly Buffer[]): void => {
    for (const chunk of chunks) digests.update(chunk)
  }

  const advance = (size: number): void => {
    bytes += size
    remember()
  }

  return {
    file,
    get bytes() {
      return bytes
    },
    append(chunks) {
      const size = chunks.reduce((sum, { length }) => sum + length, 0)
      if (bytes + size <= promptBytes) {
        writeAllNow(open(), chunks, bytes)
        hash(chunks)
        advance(size)
        return undefined
      }
      const written = writeAll(open(), chunks, bytes)
      // While the disk is busy.
      hash(chunks)
      return written.then(() => advance(size))
    },
    describe({ etag, totalBytes }) {
      if (facts?.etag === etag && facts.totalBytes === totalBytes) return
      facts = { ...asset, etag, ...(totalBytes !== undefined && { totalBytes }) }
      isDescribed = false
      remember()
    },
    forget,
    restart() {
      forget()
      bytes = 0
      digests = newDigests()
      try {
        if (fd !== undefined) ftruncateSync(fd)
      } catch (error) {
        throw workspaceError(error)
      }
    },
    digest: name => digests.read(name),
    open,
    close() {
      const closing = fd
      fd = undefined
      if (closing !== undefined) closeSync(closing)
    },
  }
}
