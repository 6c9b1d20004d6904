import { SyncError } from '../errors.js'
import type { Connection } from './connection.js'

/** The error that an origin is which goes on without end around what it says. */
export const saysNothing = (): SyncError =>
  new SyncError('ERR_HTTP_PROTOCOL', 'the origin goes on without saying anything', { scope: 'entry' })

/** What undici says alike of a response that breaks off and of one that it refuses; any other error tells enough itself. */
export const toProtocolError = (error: Error, hasBegun: boolean, connection: Connection): Error => {
  const { name, code = name } = error as NodeJS.ErrnoException
  const isAmbiguous = ambiguous.has(code)
  if (isAmbiguous && hasBegun && connection.hasEnded())
    return new SyncError('ERR_BODY_SHORT', 'the connection ended before the body did', { cause: error })
  if (code === 'ERR_ASSERTION' || (isAmbiguous && !connection.hasEnded()))
    return new SyncError('ERR_HTTP_PROTOCOL', 'the response is not one to this request', { cause: error })
  return error
}

/** A length that is none, an unasked 100 or 101, broken chunks; a status below 100 fails an assertion. */
const ambiguous = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_SOCKET', 'HTTPParserError'])
