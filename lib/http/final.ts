import type { Code, SyncError } from '../errors.js'

/** Whether asking again at once would only repeat `error`: of a question whose failure is otherwise no answer. */
export const isFinal = ({ code, scope }: SyncError): boolean => scope === 'run' || codes.has(code)

const codes = new Set<Code>(['ERR_RETRY_AFTER', 'ERR_ABORTED', 'ERR_PRIVATE_NETWORK'])
