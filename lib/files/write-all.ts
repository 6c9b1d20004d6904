import { writeSync, writev } from 'node:fs'
import { promisify } from 'node:util'

/** Writes every byte of `chunks` at `position`; write(2) may take fewer than it is given, which Node leaves to its caller. */
export const writeAll = async (fd: number, chunks: readonly Buffer[], position: number): Promise<void> => {
  let rest = after(chunks, 0)
  for (let at = position; rest.length > 0; ) {
    const { bytesWritten } = await write(fd, rest, at)
    at += bytesWritten
    rest = after(rest, bytesWritten)
  }
}

/** As writeAll, before it returns. */
export const writeAllNow = (fd: number, chunks: readonly Buffer[], position: number): void => {
  let at = position
  for (const chunk of chunks)
    for (let done = 0; done < chunk.length; ) {
      const bytesWritten = writeSync(fd, chunk, done, chunk.length - done, at)
      done += bytesWritten
      at += bytesWritten
    }
}

const write = promisify(writev)

/** What is left of `chunks` without their first `bytes` bytes; never an empty chunk. */
const after = (chunks: readonly Buffer[], bytes: number): Buffer[] => {
  let skip = bytes
  return chunks.flatMap(chunk => {
    const from = Math.min(skip, chunk.length)
    skip -= from
    return from < chunk.length ? [chunk.subarray(from)] : []
  })
}
