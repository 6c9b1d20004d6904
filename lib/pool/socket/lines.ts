/** What comes of bytes that are cut into lines. */
export type LineReader = {
  /** Every whole line, without its end. */
  line(text: string): void
  /** A line that is longer than allowed: nothing is read any more. */
  tooLong(): void
}

/** Cuts chunks of bytes into lines of UTF-8 of at most `longestBytes`, of which it never keeps more. */
export const lineCutter = (
  longestBytes: number,
  { line, tooLong }: LineReader,
): ((chunk: Buffer) => void) => {
  let parts: Buffer[] = []
  let length = 0
  let isOver = false

  const overflows = (more: number): boolean => {
    isOver ||= length + more > longestBytes
    return isOver
  }

  return chunk => {
    let from = 0
    while (!isOver && from < chunk.length) {
      const end = chunk.indexOf(10, from)
      const part = chunk.subarray(from, end < 0 ? chunk.length : end)
      if (overflows(part.length)) {
        parts = []
        tooLong()
        return
      }
      from += part.length + 1
      parts.push(part)
      length += part.length
      if (end < 0) return
      const whole = parts.length === 1 ? part : Buffer.concat(parts, length)
      parts = []
      length = 0
      line(whole.toString())
    }
  }
}
