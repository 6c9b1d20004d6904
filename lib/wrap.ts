import { constants } from 'node:os'
import { type Code, SyncError } from './errors.js'

/** Errors of the file system that no other entry would escape. */
const unusable: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an I/O error',
  LEVEL_IO_ERROR: 'the index cannot be written',
  LEVEL_CORRUPTION: 'the index is damaged',
}

const network: Record<string, [Code, string]> = {
  ECONNREFUSED: ['ERR_NETWORK', 'the connection was refused'],
  ECONNRESET: ['ERR_NETWORK', 'the connection was reset'],
  ECONNABORTED: ['ERR_NETWORK', 'the connection was aborted'],
  EPIPE: ['ERR_NETWORK', 'the connection was closed while sending'],
  ETIMEDOUT: ['ERR_NETWORK', 'the connection timed out'],
  ENETUNREACH: ['ERR_NETWORK', 'the network is unreachable'],
  EHOSTUNREACH: ['ERR_NETWORK', 'the host is unreachable'],
  EADDRNOTAVAIL: ['ERR_NETWORK', 'no local address is free'],
  ENETDOWN: ['ERR_NETWORK', 'the network is down'],
  EPROTO: ['ERR_TLS', 'the TLS handshake failed'],
  ENOTFOUND: ['ERR_DNS', 'the host name does not exist'],
  EAI_AGAIN: ['ERR_DNS', 'the host name could not be resolved for now'],
  EAI_NODATA: ['ERR_DNS', 'the host name has no address'],
  EAI_FAIL: ['ERR_DNS', 'the name server failed'],
  UND_ERR_SOCKET: ['ERR_NETWORK', 'the connection was closed'],
  UND_ERR_CONNECT_TIMEOUT: ['ERR_TIMEOUT', 'no connection within the timeout'],
  UND_ERR_HEADERS_TIMEOUT: ['ERR_TIMEOUT', 'no response headers within the timeout'],
  UND_ERR_BODY_TIMEOUT: ['ERR_STALLED', 'the body stopped coming'],
  // What undici's parser finds, which in 7.30 has a name and no code.
  HTTPParserError: ['ERR_HTTP_PROTOCOL', 'the response is not valid HTTP'],
  UND_ERR_HEADERS_OVERFLOW: ['ERR_HTTP_PROTOCOL', 'the response headers are too large'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['ERR_BODY_SHORT', 'the body ended before its Content-Length'],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ['ERR_TOO_LARGE', 'the body is too large'],
  ABORT_ERR: ['ERR_ABORTED', 'it was aborted'],
  AbortError: ['ERR_ABORTED', 'it was aborted'],
  TimeoutError: ['ERR_TIMEOUT', 'it took too long'],
}

/** The only place that knows foreign errors: those of node:net, node:tls, node:fs, undici and LevelDB become ours, with the original as `cause`. */
export const wrap = (error: unknown): SyncError => {
  if (error instanceof SyncError) return error
  const { code, syscall } = facts(error)
  if (code in unusable)
    return new SyncError('ERR_DESTINATION', `${unusable[code]} (${code})`, { cause: error })
  const known = network[code]
  if (known)
    return new SyncError(known[0], `${known[1]} (${code})`, {
      cause: error,
      ...(code === 'ENOTFOUND' && { once: true }),
    })
  if (isBrokenRecord(code))
    return new SyncError('ERR_TLS', `the TLS connection broke (${code})`, { cause: error, scope: 'attempt' })
  if (isTls(code)) return unacceptable(code, error)
  if (code.startsWith('HPE_'))
    return new SyncError('ERR_HTTP_PROTOCOL', `the response is not valid HTTP (${code})`, { cause: error })
  if (code === 'Z_BUF_ERROR')
    return new SyncError('ERR_BODY_SHORT', 'the encoded body is cut off', { cause: error })
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_'))
    return new SyncError('ERR_ENCODING', `the body is not what its Content-Encoding says (${code})`, {
      cause: error,
      scope: 'attempt',
    })
  if (code === 'EMFILE' || code === 'ENFILE')
    return new SyncError('ERR_DESTINATION', `too many open files (${code})`, {
      cause: error,
      scope: 'attempt',
    })
  // Others look at the file, as what scans for viruses does: in a moment they are done.
  if (code === 'EBUSY' || code === 'ETXTBSY')
    return new SyncError('ERR_DESTINATION', `the file is in use (${code})`, {
      cause: error,
      scope: 'attempt',
    })
  if (syscall === 'connect')
    return new SyncError('ERR_NETWORK', `no connection may be made (${code})`, { cause: error })
  if (syscall === 'getaddrinfo')
    return new SyncError('ERR_DNS', `the host name could not be resolved (${code})`, { cause: error })
  if (syscall)
    return new SyncError('ERR_DESTINATION', `the file system refused ${syscall} (${code})`, {
      cause: error,
      scope: 'entry',
    })
  const message = error instanceof Error ? error.message : String(error)
  return new SyncError('ERR_INTERNAL', message, { cause: error })
}

/** As `wrap`, of an error of a TLS handshake: what a certificate is refused for has many names, and none is a bug of ours. */
export const wrapHandshake = (error: unknown): SyncError => {
  const wrapped = wrap(error)
  return wrapped.code === 'ERR_INTERNAL' ? unacceptable(facts(error).code, error) : wrapped
}

const unacceptable = (code: string, cause: unknown): SyncError =>
  new SyncError('ERR_TLS', `the origin's certificate or TLS is not acceptable (${code})`, { cause })

/** Whether the process, or the system, has no descriptor left for now. */
export const isOutOfDescriptors = (error: unknown): boolean => {
  const known = error instanceof SyncError ? error.cause : error
  return known instanceof Error && ['EMFILE', 'ENFILE'].includes(facts(known).code)
}

/** Whether the system itself reported it, rather than a library. */
export const isOfSystem = (error: unknown): boolean => facts(error).syscall !== ''

const facts = (error: unknown): { code: string; syscall: string } => {
  if (!(error instanceof Error)) return { code: '', syscall: '' }
  // Of a host with several addresses none of which could be connected to, the first says enough.
  if (error instanceof AggregateError && error.errors.length > 0) return facts(error.errors[0])
  const { name, code, errno = 0, syscall = '' } = error as NodeJS.ErrnoException
  // libuv (1.46) has no name for it.
  if (errno === -constants.errno.EDQUOT) return { code: 'EDQUOT', syscall }
  // A DOMException, such as the reason of an aborted signal, has a number there and tells by its name.
  return { code: typeof code === 'string' ? code : name, syscall }
}

/** What the bytes of a connection can come to on their way, whoever the origin is: another connection may do better. */
const isBrokenRecord = (code: string): boolean =>
  /^ERR_SSL_.*(BAD_RECORD_MAC|DECRYPT_ERROR|DECRYPTION_FAILED|UNEXPECTED_EOF)/.test(code)

const isTls = (code: string): boolean =>
  code.startsWith('ERR_TLS_') ||
  code.startsWith('ERR_SSL_') ||
  code.startsWith('CERT_') ||
  code in certificate

/** OpenSSL's verification results (X509_V_ERR_*) that carry no prefix of their own. */
const certificate: Record<string, true> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: true,
  SELF_SIGNED_CERT_IN_CHAIN: true,
  UNABLE_TO_GET_ISSUER_CERT: true,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: true,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: true,
  ERROR_IN_CERT_NOT_BEFORE_FIELD: true,
  ERROR_IN_CERT_NOT_AFTER_FIELD: true,
  HOSTNAME_MISMATCH: true,
  INVALID_CA: true,
  INVALID_PURPOSE: true,
}
