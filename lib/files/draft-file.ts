import { type GrowingFileOptions, growingFile } from './growing-file.js'
import type { Growth } from './growth.js'
import { keepPartial, removePartial } from './partials.js'
import type { Publish } from './publish.js'

export type DraftFileOptions = GrowingFileOptions & {
  /** Where abandoned files are kept. */
  readonly partial: string
  readonly publish: Publish
}

/** An asset that grows as a temporary file and is committed by a rename. */
export const draftFile = ({ partial, publish, ...options }: DraftFileOptions): Growth => {
  const growing = growingFile(options)
  const { file, open, close, forget } = growing
  let isFinal = false

  return {
    ...growing,
    get bytes() {
      return growing.bytes
    },
    async commit({ lastModified }) {
      isFinal = true
      const mtimeMs = await publish({ fd: open(), file, path: options.asset.path, lastModified, close })
      forget()
      return { bytes: growing.bytes, mtimeMs }
    },
    abandon({ keep }) {
      // What is left over here the next run sweeps; the error that led here is the one to report.
      try {
        close()
        if (keep && !isFinal && keepPartial(file, { partial })) return
      } catch {}
      try {
        removePartial(file)
      } catch {}
    },
  }
}
