import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Lines on their way to stdout. */
export type Output = {
  /** Takes a line; a promise where the reader has to catch up first. */
  write(line: string): Promise<void> | undefined
  /** Resolves when every line has left. */
  end(): Promise<void>
  /** Why nobody can take lines any more: EPIPE when the reader has seen enough. */
  readonly error: NodeJS.ErrnoException | undefined
}

const mostBuffered = 32 * 1024

/** Writes lines in groups: at the end of a turn of the event loop, or as soon as many have gathered. */
export const output = (stdout: Writable): Output => {
  let buffered = ''
  let error: NodeJS.ErrnoException | undefined
  stdout.on('error', reason => {
    error = reason
  })

  const flush = (): Promise<void> | undefined => {
    const lines = buffered
    buffered = ''
    if (lines === '' || error || stdout.write(lines)) return undefined
    return once(stdout, 'drain').then(
      () => {},
      () => {},
    )
  }

  return {
    write(line) {
      if (buffered === '') setImmediate(flush)
      buffered += line
      return buffered.length >= mostBuffered ? flush() : undefined
    },
    async end() {
      await flush()
      if (!error) await new Promise<void>(resolve => stdout.write('', () => resolve()))
    },
    get error() {
      return error
    },
  }
}
