import type { Upload } from '../sink.js'
import type { Digests } from './digests.js'
import type { Growth } from './growth.js'
import { sinkError } from './sink-error.js'

export type DraftUploadOptions = {
  /** Begins an upload; not asked before the first byte. */
  readonly create: () => Upload | Promise<Upload>
  readonly newDigests: () => Digests
}

/** An asset that grows in a sink of somebody else's. Its bytes never outlive the process, so they need no version. */
export const draftUpload = ({ create, newDigests }: DraftUploadOptions): Growth => {
  let upload: Upload | undefined
  let discarded: Promise<void> | undefined
  let bytes = 0
  let digests = newDigests()

  const begun = async (): Promise<Upload> => {
    await discarded
    upload ??= await create()
    return upload
  }

  const discard = async (former: Upload | undefined): Promise<void> => {
    await discarded
    await former?.discard()
  }

  return {
    get bytes() {
      return bytes
    },
    async append(chunks) {
      try {
        for (const chunk of chunks) {
          // Who waits for what was written writes nothing at all.
          if (chunk.length === 0) continue
          digests.update(chunk)
          await (await begun()).write(chunk)
          bytes += chunk.length
        }
      } catch (error) {
        throw sinkError(error)
      }
    },
    describe() {},
    forget() {},
    restart() {
      if (upload) {
        discarded = discard(upload)
        // Whoever writes or commits next hears of it.
        discarded.catch(() => {})
      }
      upload = undefined
      bytes = 0
      digests = newDigests()
    },
    digest: name => digests.read(name),
    async commit(facts) {
      try {
        const { mtimeMs = 0 } = await (await begun()).commit(facts)
        upload = undefined
        return mtimeMs
      } catch (error) {
        throw sinkError(error)
      }
    },
    async abandon() {
      const former = upload
      upload = undefined
      // The error that led here is the one to report.
      await discard(former).catch(() => {})
    },
  }
}
