import { setTimeout } from 'node:timers/promises'
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
  /** How long a discard is waited for. */
  readonly patienceMs?: number
}

/** An asset that grows in a sink of somebody else's. Its bytes never outlive the process, so they need no version. */
export const draftUpload = ({
  create,
  aborted,
  newDigests,
  patienceMs = 5_000,
}: DraftUploadOptions): Growth => {
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
    takesAtOnce: false,
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
      return ask(async () => {
        const held = await open.commit(facts)
        // Whatever it said of it: what is committed is never discarded.
        upload = undefined
        return checkStored('commit', held)
      })
    },
    async abandon() {
      const former = upload
      upload = undefined
      // The error that led here is the one to report, and a sink that hangs holds up nothing.
      await atMost(patienceMs, unlessAborted(aborted, discard(former)))
    },
  }
}

/** Waits for `promise`, however it ends, but no longer than `ms`. */
const atMost = async (ms: number, promise: Promise<unknown>): Promise<void> => {
  const over = new AbortController()
  const late = setTimeout(ms, undefined, { signal: over.signal })
  await Promise.race([promise, late]).catch(() => {})
  over.abort()
  await late.catch(() => {})
}
