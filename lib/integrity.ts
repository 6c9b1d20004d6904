import { invalid } from './invalid.js'

/** The digests that sluice computes and checks. */
export type DigestName = 'sha256' | 'sha512' | 'md5'

/** One hash of a Subresource Integrity value (W3C SRI, section 3.5). */
export type Integrity = { readonly algorithm: DigestName; readonly base64: string }

/** The text form of one hash. */
export const formatIntegrity = ({ algorithm, base64 }: Integrity): string => `${algorithm}-${base64}`

const digestBytes: Record<DigestName, number> = { sha256: 32, sha512: 64, md5: 16 }
const strongestFirst: readonly DigestName[] = ['sha512', 'sha256', 'md5']

/** The demand that `integrity` states, or ERR_ENTRY_INVALID: of several hashes the strongest counts, as SRI section 3.3.4 asks. */
export const parseIntegrity = (integrity: string): Integrity => {
  const hashes = integrity.trim().split(/\s+/)
  const parsed = hashes.map(hash => /^(sha256|sha512|md5)-([A-Za-z0-9+/]+={0,2})$/.exec(hash))
  const found = strongestFirst.map(name => parsed.find(hash => hash?.[1] === name)).find(hash => hash)
  const [, algorithm, base64 = ''] = found ?? []
  if (
    !algorithm ||
    parsed.includes(null) ||
    Buffer.from(base64, 'base64').length !== digestBytes[algorithm as DigestName]
  )
    throw invalid('integrity such as sha256-… in base64 (sha256, sha512 or md5)', integrity)
  return { algorithm: algorithm as DigestName, base64: Buffer.from(base64, 'base64').toString('base64') }
}
