/** Lets the bytes of one response pass, but for interim ones before it. */
export type InterimFilter = (chunk: Buffer) => Buffer | null

/** A head that is longer is none that anybody sends. */
const longestHead = 16 * 1024

/**
 * Takes away what came unasked before a response: 100 (Continue), which a client has to be able to take (RFC 9110 section 15.2)
 * and undici (7.30.2) refuses. What may still become one is held back until it can be told.
 */
export const withoutContinue = (): InterimFilter => {
  let held: Buffer | undefined
  let isPast = false
  return chunk => {
    if (isPast) return chunk
    let rest = held ? Buffer.concat([held, chunk]) : chunk
    held = undefined
    while (mayBeContinue(rest)) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0 && rest.length < longestHead) held = rest
      if (end < 0) break
      rest = rest.subarray(end + 4)
    }
    if (held || rest.length === 0) return null
    isPast = true
    return rest
  }
}

const opening = Buffer.from('HTTP/1.1 100')

/** Whether `bytes` begin such a response, as far as they go; nothing begins none. */
const mayBeContinue = (bytes: Buffer): boolean => {
  const length = Math.min(bytes.length, opening.length)
  // Nearly every response differs here, in the first digit of its status.
  if (length === 0 || (length > 9 && bytes[9] !== opening[9])) return false
  return bytes.compare(opening, 0, length, 0, length) === 0
}
