import type { Sink, StoredFile } from '../sink.js'
import { askSink, checkStored } from './ask-sink.js'
import { digestNames, digests } from './digests.js'
import { draftUpload } from './draft-upload.js'
import type { FileSink, FileSinkOptions } from './file-sink.js'
import { openDrafts } from './open-drafts.js'

export type CustomSinkOptions = Pick<FileSinkOptions, 'digest'> & {
  /** Ends looking at what stands. */
  readonly halted: AbortSignal
  /** Ends an upload that is under way. */
  readonly aborted: AbortSignal
}

/** What stages need of a sink, made of what somebody else's has. Nothing is kept for a later run. */
export const customSink = (
  sink: Sink,
  { digest, halted, aborted }: CustomSinkOptions,
): Pick<FileSink, 'open' | 'underWay' | 'idle' | 'close'> & {
  stat(path: string): Promise<StoredFile | undefined>
} => {
  const { open, ...drafts } = openDrafts()
  return {
    async stat(path) {
      return askSink(halted, async () => {
        const found = await sink.stat(path, { signal: halted })
        return found && checkStored('stat', found)
      })
    },
    open: ({ path }, { integrity }) =>
      open(async () => {
        const growth = draftUpload({
          create: () => sink.create(path, { signal: aborted }),
          aborted,
          newDigests: () => digests(digestNames(digest, integrity)),
        })
        return { growth, digest, integrity }
      }),
    ...drafts,
  }
}
