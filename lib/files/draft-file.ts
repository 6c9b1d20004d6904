import type { AssetFacts, StoredFile } from '../sink.js'
import { GrowingFile, type GrowingFileOptions } from './growing-file.js'
import type { Growth } from './growth.js'
import { removePartial } from './partials.js'
import type { Publish } from './publish.js'

export type DraftFileOptions = GrowingFileOptions & {
  /** Keeps an abandoned file for the next run; false where it is not worth it. */
  readonly keep: (file: string) => boolean
  readonly publish: Publish
}

/** An asset that grows as a temporary file and is committed by a rename. */
export class DraftFile extends GrowingFile implements Growth {
  readonly #path: string
  readonly #keep: DraftFileOptions['keep']
  readonly #publish: Publish
  readonly #isNew: boolean
  #isFinal = false

  constructor(options: DraftFileOptions) {
    super(options)
    this.#path = options.asset.path
    this.#keep = options.keep
    this.#publish = options.publish
    this.#isNew = options.mode !== undefined && options.kept === undefined
  }

  async commit({ lastModified }: AssetFacts): Promise<StoredFile> {
    this.#isFinal = true
    const close = () => this.close()
    const { file } = this
    const isNew = this.#isNew
    const mtimeMs = await this.#publish({
      fd: this.open(),
      file,
      path: this.#path,
      lastModified,
      close,
      isNew,
    })
    this.forget()
    return { bytes: this.bytes, mtimeMs }
  }

  abandon({ keep }: { keep: boolean }): void {
    // Of an asset that is unchanged, or gone, no byte ever came.
    if (!this.isMade) return
    // What is left over here the next run sweeps; the error that led here is the one to report.
    try {
      this.close()
      if (keep && !this.#isFinal && this.#keep(this.file)) return
    } catch {}
    try {
      removePartial(this.file)
    } catch {}
  }
}
