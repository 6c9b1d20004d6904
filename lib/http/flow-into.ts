import { type Duplex, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Where chunks go that are only lent. */
export type Intake = Writable & {
  /** Whether a chunk written now is done with when `write` returns; of any other it has to be given a copy. */
  readonly takesAtOnce?: boolean
}

/** What becomes of a body: it flows through the Transforms into `into`, which is not ended. */
export type Body = { into: Intake; through?: readonly Duplex[] }

export type Flow = {
  /** Where the body goes in. */
  readonly entry: Intake
  /** The body is whole: resolves once all of it was written, rejects with what went wrong on its way. */
  end(): Promise<void>
  /** The body is not whole: resolves once nothing more of it will be written. */
  destroy(error: unknown): Promise<void>
}

/** The way of a body through Transforms into a Writable that goes on living after it, untouched by their errors. */
export const flowInto = ({ into, through = [] }: Body): Flow => {
  const [entry] = through
  if (!entry) return { entry: into, async end() {}, async destroy() {} }
  // Not `into` itself: pipeline leaves listeners behind on a stream that it does not end.
  const last = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      into.write(chunk, callback)
    },
  })
  const flowing = pipeline([...through, last])
  flowing.catch(() => {})
  return {
    entry,
    end() {
      entry.end()
      return flowing
    },
    destroy(error) {
      entry.destroy(error as Error)
      return flowing.catch(() => {})
    },
  }
}
