/**
 * A promise for somebody who waits, unless `signal` aborts before: then it rejects with the signal's reason. `begin` gets what resolves it, and
 * gives what is to be done where it is aborted.
 */
export const abortable = <Value>(
  signal: AbortSignal,
  begin: (resolve: (value: Value) => void) => () => void,
): Promise<Value> =>
  new Promise((resolve, reject) => {
    let leave = (): void => {}
    const abort = (): void => {
      reject(signal.reason)
      leave()
    }
    signal.addEventListener('abort', abort, { once: true })
    leave = begin(value => {
      signal.removeEventListener('abort', abort)
      resolve(value)
    })
  })
