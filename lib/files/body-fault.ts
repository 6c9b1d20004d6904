import { SyncError } from '../errors.js'
import type { DigestName, Integrity } from '../integrity.js'

/** What is known of a body, and what is demanded of it. */
export type BodyFaultOptions = {
  readonly bytes: number
  readonly size: number | undefined
  /** Base64 of the bytes that are there. */
  readonly digest: (name: DigestName) => string | undefined
  readonly integrity: Integrity | undefined
}

/** What is wrong with a body that no further byte could mend. */
export const bodyFault = ({ bytes, size, digest, integrity }: BodyFaultOptions): SyncError | undefined => {
  if (size !== undefined && bytes > size)
    return new SyncError('ERR_BODY_LONG', `expected ${size} bytes, got ${bytes}`)
  if (!integrity) return undefined
  const { algorithm, base64 } = integrity
  const found = digest(algorithm)
  if (found === base64) return undefined
  return new SyncError('ERR_INTEGRITY', `expected ${algorithm}-${base64}, got ${algorithm}-${found}`, {
    once: true,
  })
}
