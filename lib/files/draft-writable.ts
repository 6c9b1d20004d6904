import { Writable } from 'node:stream'
import { SyncError } from '../errors.js'
import type { CommitOptions, Draft } from './draft.js'

export type DraftWritableOptions = CommitOptions & {
  /** Begins the draft; not asked before the stream is used. */
  readonly open: () => Promise<Draft>
  /** Bytes that the asset must have. */
  readonly size?: number | undefined
}

/** A plain Writable over a draft: finished means verified and committed, destroyed before that leaves nothing. Throws ERR_OPTION for a size that is none. */
export const draftWritable = ({ open, size, ...facts }: DraftWritableOptions): Writable => {
  // What no length could be equal to would be no demand.
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0))
    throw new SyncError('ERR_OPTION', `size: expected a whole number of bytes, got ${size}`)
  let draft: Draft | undefined
  let isCommitting = false
  const writable = new Writable({
    construct(callback) {
      open().then(opened => {
        draft = opened
        // Of a sink that is closed; what is being committed by then still comes to its end.
        opened.once('error', error => isCommitting || writable.destroy(error))
        callback(opened.errored)
      }, callback)
    },
    write(chunk: Buffer, _encoding, callback) {
      draft?.write(chunk, error => callback(error && (draft?.errored ?? error)))
    },
    final(callback) {
      const commit = async () => {
        await draft?.verify({ size })
        isCommitting = true
        await draft?.commit(facts)
        draft = undefined
      }
      commit().then(() => callback(), callback)
    },
    destroy(error, callback) {
      const gone = draft?.abandon({ keep: false }) ?? Promise.resolve()
      gone.then(() => callback(error))
    },
  })
  return writable
}
