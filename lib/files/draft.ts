import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { SyncError } from '../errors.js'
import type { Mutable } from '../extend.js'
import type { DigestName, Integrity } from '../integrity.js'
import type { AssetFacts, StoredFile } from '../sink.js'
import { wrap } from '../wrap.js'
import { bodyFault } from './body-fault.js'
import type { Growth, Version } from './growth.js'

/** What a committed draft became. */
export type Committed = StoredFile & {
  readonly digest?: string
  /** Bytes that the sink holds for it, where that is another number. */
  readonly heldBytes?: number
}

/** What the origin says of an asset, beyond its bytes. */
export type CommitOptions = { readonly lastModified?: string | undefined; readonly type?: string | undefined }

export type DraftOptions = {
  readonly growth: Growth
  /** What the growth goes on from, if anything. */
  readonly resumed?: (Version & { readonly bytes: number }) | undefined
  /** The digest to report. */
  readonly digest: DigestName | 'none'
  /** The digest to demand. */
  readonly integrity?: Integrity | undefined
  /** Called once nothing of the draft is under way any more: it is committed, or gone. */
  readonly onEnd?: () => void
}

/**
 * The bytes of one asset on their way to where it is kept: they become the asset when they are committed, and leave
 * nothing, or a partial for the next run, when they are abandoned. One of the two must be called, whatever becomes of the stream.
 */
export class Draft extends Writable {
  /** What the draft goes on from, if anything. */
  readonly resumed: (Version & { readonly bytes: number }) | undefined
  readonly #options: DraftOptions
  readonly #growth: Growth
  #writing: Promise<void> | undefined
  #committing: Promise<Committed> | undefined
  #ending: Promise<void> | undefined

  constructor(options: DraftOptions) {
    super({ highWaterMark: 64 * 1024 })
    // Whoever waits for flushed, verify or commit hears of it; between two attempts nobody listens.
    this.on('error', () => {})
    this.#options = options
    this.#growth = options.growth
    this.resumed = options.resumed
  }

  /** Bytes that are there, resumed ones included; exact once flushed. */
  get bytes(): number {
    return this.#growth.bytes
  }

  /** Whether a chunk written now is done with when `write` returns. */
  get takesAtOnce(): boolean {
    return this.writableLength + this.writableCorked === 0 && this.#growth.takesAtOnce
  }

  /** Says which version the bytes belong to, by its strong ETag: from 1 MiB on they outlive even a killed process. */
  describe(version: Version): void {
    this.#mustBeOpen()
    this.#growth.describe(version)
  }

  /** Back to zero bytes of no known version; only while nothing is being written. */
  restart(): void {
    this.#mustBeOpen()
    this.#growth.restart()
  }

  /** Resolves once everything written so far is there. */
  async flushed(): Promise<void> {
    this.#mustBeOpen()
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
    const { integrity } = this.#options
    const digest = (name: DigestName) => this.#growth.digest(name)
    const fault = bodyFault({ bytes: this.bytes, size, digest, integrity })
    if (!fault) return
    this.#growth.forget()
    throw fault
  }

  /** Makes the bytes the asset, whole, or throws and leaves what stood there. */
  commit(options: CommitOptions = {}): Promise<Committed> {
    this.#committing = this.#commit(options)
    return this.#committing
  }

  /** Ends an uncommitted draft: kept for the next run where that is wished and worth it, gone otherwise; never throws. */
  abandon({ keep }: { keep: boolean }): Promise<void> {
    this.#ending ??= this.#end(keep)
    return this.#ending
  }

  async #commit({ lastModified, type }: CommitOptions): Promise<Committed> {
    await this.flushed()
    const { digest: name } = this.#options
    const { bytes } = this
    const base64 = name === 'none' ? undefined : this.#growth.digest(name)
    const facts: Mutable<AssetFacts> = { bytes }
    if (base64 !== undefined) facts.digest = `${name}-${base64}`
    if (lastModified !== undefined) facts.lastModified = lastModified
    if (type !== undefined) facts.type = type
    const held = await this.#growth.commit(facts).catch(error => {
      // What was refused as a whole is not gone on with.
      this.destroy(error)
      throw error
    })
    this.destroy()
    this.#options.onEnd?.()
    const committed: Mutable<Committed> = { bytes }
    if (facts.digest !== undefined) committed.digest = facts.digest
    if (held.bytes !== bytes) committed.heldBytes = held.bytes
    if (held.mtimeMs !== undefined) committed.mtimeMs = held.mtimeMs
    return committed
  }

  async #end(keep: boolean): Promise<void> {
    this.destroy()
    // The disk may still work by the descriptor, whose number must not become another file's before it is done.
    await this.#writing
    await this.#committing?.catch(() => {})
    await this.#growth.abandon({ keep })
    this.#options.onEnd?.()
  }

  /** An ended stream destroys itself once it is finished; what is in it can still be verified and committed. */
  #mustBeOpen(): void {
    // A write that fails at once is known before the stream is destroyed for it, a turn later.
    if (this.#ending || this.errored || (this.destroyed && !this.writableFinished))
      throw wrap(this.errored ?? new Error('the draft was destroyed'))
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
    const fail = (error: unknown): void => callback(wrap(error))
    let writing: Promise<void> | undefined
    try {
      writing = this.#growth.append(chunks)
    } catch (error) {
      fail(error)
      return
    }
    if (writing === undefined) callback()
    else this.#writing = writing.then(() => callback(), fail)
  }
}

type Callback = (error?: Error | null) => void

const nothing = Buffer.alloc(0)
