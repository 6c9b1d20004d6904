import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { SyncError } from '../errors.js'
import type { DigestName, Integrity } from '../integrity.js'
import { wrap } from '../wrap.js'
import { type GrowingFile, type GrowingFileOptions, growingFile, type Version } from './growing-file.js'
import { keepPartial, removePartial } from './partials.js'
import type { Publish } from './publish.js'

/** What a committed draft became. */
export type Committed = { readonly bytes: number; readonly digest?: string; readonly mtimeMs: number }

export type DraftOptions = GrowingFileOptions & {
  /** The digest to report. */
  readonly digest: DigestName | 'none'
  /** The digest to demand. */
  readonly integrity?: Integrity | undefined
  /** Where abandoned drafts are kept. */
  readonly partial: string
  readonly publish: Publish
}

/**
 * The growing temporary file of one asset: it becomes the file under its final name when it is committed, and leaves
 * nothing, or a partial for the next run, when it is abandoned. One of the two must be called, whatever becomes of the stream.
 */
export class Draft extends Writable {
  /** What the draft goes on from, if anything. */
  readonly resumed: (Version & { readonly bytes: number }) | undefined
  readonly #options: DraftOptions
  readonly #file: GrowingFile
  #writing: Promise<void> | undefined
  #isFinal = false

  constructor(options: DraftOptions) {
    super({ highWaterMark: 256 * 1024 })
    // Whoever waits for flushed, verify or commit hears of it; between two attempts nobody listens.
    this.on('error', () => {})
    this.#options = options
    this.#file = growingFile(options)
    const { facts, bytes } = options.kept ?? {}
    if (facts && bytes !== undefined)
      this.resumed = {
        etag: facts.etag,
        bytes,
        ...(facts.totalBytes !== undefined && { totalBytes: facts.totalBytes }),
      }
  }

  /** Bytes in the file, resumed ones included; exact once flushed. */
  get bytes(): number {
    return this.#file.bytes
  }

  /** Says which version the bytes belong to, by its strong ETag: from 1 MiB on they outlive even a killed process. */
  describe(version: Version): void {
    this.#file.describe(version)
  }

  /** Back to zero bytes of no known version; only while nothing is being written. */
  restart(): void {
    this.#file.restart()
  }

  /** Resolves once everything written so far is in the file. */
  async flushed(): Promise<void> {
    if (this.destroyed && !this.writableFinished)
      throw wrap(this.errored ?? new Error('the draft was destroyed'))
    if (this.writableLength === 0) return
    if (this.writableEnded) return finished(this)
    // Writes are answered in order, so an empty one is answered last.
    await new Promise<void>((resolve, reject) =>
      this.write(nothing, error => (error ? reject(error) : resolve())),
    )
  }

  /** Throws ERR_BODY_SHORT, ERR_BODY_LONG or ERR_INTEGRITY unless the bytes are those demanded; a short body can be gone on with. */
  async verify({ size }: { size?: number | undefined } = {}): Promise<void> {
    await this.flushed()
    if (size !== undefined && this.bytes < size)
      throw new SyncError('ERR_BODY_SHORT', `expected ${size} bytes, got ${this.bytes}`)
    const fault = this.#fault(size)
    if (!fault) return
    this.#file.forget()
    throw fault
  }

  /** Puts the file under its final name, whole, or throws and leaves what stood there. */
  async commit({ lastModified }: { lastModified?: string | undefined } = {}): Promise<Committed> {
    await this.flushed()
    const { asset, publish, digest } = this.#options
    const file = this.#file
    this.#isFinal = true
    const base64 = digest === 'none' ? undefined : file.digest(digest)
    const mtimeMs = await publish({
      fd: file.open(),
      file: file.file,
      path: asset.path,
      lastModified,
      close: file.close,
    })
    file.forget()
    this.destroy()
    return { bytes: file.bytes, mtimeMs, ...(base64 !== undefined && { digest: `${digest}-${base64}` }) }
  }

  /** Ends an uncommitted draft: kept for the next run where that is wished and worth it, gone otherwise; never throws. */
  async abandon({ keep }: { keep: boolean }): Promise<void> {
    this.destroy()
    await this.#writing
    const { file } = this.#file
    // What is left over here the next run sweeps; the error that led here is the one to report.
    try {
      this.#file.close()
      if (keep && !this.#isFinal && keepPartial(file, this.#options)) return
    } catch {}
    try {
      removePartial(file)
    } catch {}
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#append([chunk], callback)
  }

  override _writev(items: { chunk: Buffer }[], callback: Callback): void {
    this.#append(
      items.map(({ chunk }) => chunk),
      callback,
    )
  }

  #append(chunks: readonly Buffer[], callback: Callback): void {
    let writing: Promise<void> | undefined
    try {
      writing = this.#file.append(chunks)
    } catch (error) {
      callback(wrap(error))
      return
    }
    if (writing === undefined) callback()
    else
      this.#writing = writing.then(
        () => callback(),
        error => callback(wrap(error)),
      )
  }

  /** What is wrong with the bytes for good. */
  #fault(size: number | undefined): SyncError | undefined {
    if (size !== undefined && this.bytes > size)
      return new SyncError('ERR_BODY_LONG', `expected ${size} bytes, got ${this.bytes}`)
    const { integrity } = this.#options
    if (!integrity) return undefined
    const { algorithm, base64 } = integrity
    const found = this.#file.digest(algorithm)
    if (found === base64) return undefined
    return new SyncError('ERR_INTEGRITY', `expected ${algorithm}-${base64}, got ${algorithm}-${found}`, {
      once: true,
    })
  }
}

type Callback = (error?: Error | null) => void

const nothing = Buffer.alloc(0)
