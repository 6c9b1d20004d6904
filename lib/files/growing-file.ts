import { closeSync, constants, ftruncateSync, openSync } from 'node:fs'
import type { DigestName } from '../integrity.js'
import { isOutOfDescriptors } from '../wrap.js'
import type { Digests } from './digests.js'
import { workspaceError } from './disk-error.js'
import type { Growth, Version } from './growth.js'
import { describePartial, forgetPartial, leastPartialBytes, type PartialFacts } from './partials.js'
import type { Taken } from './resume.js'
import { writeAll, writeAllNow } from './write-all.js'

export type GrowingFileOptions = {
  /** Its name; made by the first byte where nothing is kept. */
  readonly file: string
  readonly asset: Pick<PartialFacts, 'path' | 'urlKey'>
  /** Mode that it is made with. */
  readonly mode?: number | undefined
  readonly newDigests: () => Digests
  /** What a former run left under this name. */
  readonly kept?: Taken | undefined
  /** Gives descriptors back that can be done without. */
  readonly relieve?: () => void
  /** Writes are waited for while none has taken longer. */
  readonly promptMs?: number
}

/** A turn through the thread pool costs several times what a write into the page cache does: only a disk that is slower than 13 MB/s is worth it. */
const promptMsOf = (bytes: number): number => 5 * Math.max(1, bytes / 65_536)

/** O_EXCL also refuses a link, wherever it leads. */
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL

/**
 * A temporary file at its end, with the digests of what is in it; from 1 MiB of a known version on it can outlive the process.
 * No file is made before the first byte. A class, as there is one for every asset: an object of functions with a getter would
 * be of a shape of its own each time, which V8 optimizes nothing for.
 */
export class GrowingFile implements Omit<Growth, 'commit' | 'abandon'> {
  readonly file: string
  bytes: number
  readonly #options: GrowingFileOptions
  #fd: number | undefined
  #digests: Digests
  #facts: PartialFacts | undefined
  #isDescribed: boolean
  #isPrompt = true
  #isMade: boolean

  constructor(options: GrowingFileOptions) {
    const { file, kept } = options
    this.file = file
    this.#options = options
    this.#fd = kept?.fd
    this.#isMade = kept !== undefined
    this.bytes = kept?.bytes ?? 0
    this.#digests = kept?.digests ?? options.newDigests()
    this.#facts = kept?.facts
    this.#isDescribed = kept !== undefined
  }

  /** Whether there is, or was, such a file. */
  get isMade(): boolean {
    return this.#isMade
  }

  /** While no write has taken long. */
  get takesAtOnce(): boolean {
    return this.#isPrompt
  }

  /** The descriptor; makes the file if nothing was ever added. */
  open(): number {
    if (this.#fd !== undefined) return this.#fd
    try {
      this.#fd = this.#make()
      this.#isMade = true
      return this.#fd
    } catch (error) {
      throw workspaceError(error)
    }
  }

  append(chunks: readonly Buffer[]): Promise<void> | undefined {
    let size = 0
    for (const { length } of chunks) size += length
    const fd = this.open()
    if (this.#isPrompt) {
      const { promptMs = promptMsOf(size) } = this.#options
      const startedAt = performance.now()
      writeAllNow(fd, chunks, this.bytes)
      this.#isPrompt = performance.now() - startedAt < promptMs
      this.#hash(chunks)
      this.#advance(size)
      return undefined
    }
    const written = writeAll(fd, chunks, this.bytes)
    // While the disk is busy.
    this.#hash(chunks)
    return written.then(() => this.#advance(size))
  }

  describe({ etag, totalBytes }: Version): void {
    if (this.#facts?.etag === etag && this.#facts.totalBytes === totalBytes) return
    const { path, urlKey } = this.#options.asset
    this.#facts = totalBytes === undefined ? { path, urlKey, etag } : { path, urlKey, etag, totalBytes }
    this.#isDescribed = false
    this.#remember()
  }

  forget(): void {
    if (this.#isDescribed) forgetPartial(this.file)
    this.#isDescribed = false
    this.#facts = undefined
  }

  restart(): void {
    this.forget()
    if (this.bytes > 0) this.#digests = this.#options.newDigests()
    this.bytes = 0
    try {
      if (this.#fd !== undefined) ftruncateSync(this.#fd)
    } catch (error) {
      throw workspaceError(error)
    }
  }

  digest(name: DigestName): string | undefined {
    return this.#digests.read(name)
  }

  /** Closes the descriptor, if there is one; what it throws means that the file may not be whole. */
  close(): void {
    const closing = this.#fd
    this.#fd = undefined
    if (closing !== undefined) closeSync(closing)
  }

  #make(): number {
    const { mode = 0o600 } = this.#options
    try {
      return openSync(this.file, newFile, mode)
    } catch (error) {
      if (!isOutOfDescriptors(error)) throw error
      this.#options.relieve?.()
      return openSync(this.file, newFile, mode)
    }
  }

  #remember(): void {
    if (!this.#facts || this.#isDescribed || this.bytes < leastPartialBytes) return
    describePartial(this.file, this.#facts)
    this.#isDescribed = true
  }

  #hash(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#digests.update(chunk)
  }

  #advance(size: number): void {
    this.bytes += size
    this.#remember()
  }
}
