/** Settles as `promise` does, but rejects with the signal's reason as soon as that is aborted. */
export const unlessAborted = <T>(signal: AbortSignal, promise: T | Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
