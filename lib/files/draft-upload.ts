import type { Upload } from '../sink.js'
import { askSink, checkStored } from './ask-sink.js'
import type { Digests } from './digests.js'
import type { Growth } from './growth.js'
import { unlessAborted } from './unless-aborted.js'

export type DraftUploadOptions = {
  /** Begins an upload; not asked before the first byte. */
  readonly create: () => Upload | Promise<Upload>
  /** Ends the wait for a sink that does not answer. */
  readonly aborted: AbortSignal
  readonly newDigests: () => Digests
}

/** An asset that grows in a sink of somebody else's. Its bytes never outlive the process, so they need no version. */
export const draftUpload = ({ create, aborted, newDigests }: DraftUploadOptions): Growth => {
  let upload: Upload | undefined
  let discarded: Promise<void> | undefined
  let bytes = 0
  let digests = newDigests()

  const ask = <T>(call: () => T | Promise<T>): Promise<T> => askSink(aborted, call)

  const begin = async (): Promise<Upload> => {
    await discarded
    const begun = await create()
    // Nobody has waited for it so long.
    if (aborted.aborted) await begun.discard()
    return begun
  }

  const begun = async (): Promise<Upload> => {
    upload ??= await ask(begin)
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
      for (const chunk of chunks) {
        // Who waits for what was written writes nothing at all.
        if (chunk.length === 0) continue
        digests.update(chunk)
        const open = await begun()
        await ask(() => open.write(chunk))
        bytes += chunk.length
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
      const open = await begun()
      const held = await ask(async () => checkStored('commit', await open.commit(facts)))
      upload = undefined
      return held
    },
    async abandon() {
      const former = upload
      upload = undefined
      // The error that led here is the one to report, and a sink that hangs holds up nothing.
      await unlessAborted(aborted, discard(former)).catch(() => {})
    },
  }
}
