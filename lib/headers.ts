import { SyncError } from './errors.js'
import { invalid } from './invalid.js'

/** Throws unless every header can be sent and is not one that sluice itself decides about; the message never repeats a value. */
export const parseHeaders = (headers: unknown): Record<string, string> => {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    throw new SyncError('ERR_ENTRY_INVALID', 'expected headers to be an object of strings')
  for (const [name, value] of Object.entries(headers)) {
    // A whole header line in place of the name would show its value: only what could be a name is shown.
    const [token = ''] = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*/.exec(name) ?? []
    if (token === '' || token !== name)
      throw invalid('a header name without blanks, colons and control characters', `${token}…`)
    if (reservedHeaders.has(name.toLowerCase())) throw invalid('no header that sluice sends itself', name)
    // RFC 9110 section 5.5: visible characters, space, tab and obs-text; anything else could end the header early.
    if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw new SyncError(
        'ERR_ENTRY_INVALID',
        `expected header ${name} to be a string without control characters`,
      )
  }
  return headers as Record<string, string>
}

const reservedHeaders = new Set(
  `accept-encoding connection content-length expect host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive range te trailer transfer-encoding upgrade`.split(
    ' ',
  ),
)
