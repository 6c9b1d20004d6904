import { Writable } from 'node:stream'
import type { CommitOptions, Draft } from './draft.js'

export type DraftWritableOptions = CommitOptions & {
  /** Begins the draft; not asked before the stream is used. */
  readonly open: () => Promise<Draft>
  /** Bytes that the asset must have. */
  readonly size?: number | undefined
}

/** A plain Writable over a draft: finished means verified and committed, destroyed before that leaves nothing. */
export const draftWritable = ({ open, size, ...facts }: DraftWritableOptions): Writable => {
  let draft: Draft | undefined
  return new Writable({
    construct(callback) {
      open().then(opened => {
        draft = opened
        callback()
      }, callback)
    },
    write(chunk: Buffer, _encoding, callback) {
      draft?.write(chunk, callback)
    },
    final(callback) {
      const commit = async () => {
        await draft?.verify({ size })
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
}
