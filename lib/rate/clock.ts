/** Time as everything that waits sees it: tests put a manual one in its place. */
export type Clock = {
  /** Milliseconds that never run backwards; only differences mean something. */
  now(): number
  /** Calls back after `ms`; what comes back cancels. */
  after(ms: number, callback: () => void): () => void
}

/** `setTimeout` fires at once above this (2^31 - 1 ms). */
const longestTimer = 2 ** 31 - 1

/** The monotonic clock of the process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const due = performance.now() + ms
    let timer: NodeJS.Timeout
    const arm = () => {
      const left = due - performance.now()
      timer = left > longestTimer ? setTimeout(arm, longestTimer) : setTimeout(callback, Math.max(0, left))
    }
    arm()
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export const sleep = (ms: number, { clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = () => {
      cancel()
      reject(signal.reason)
    }
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    signal.addEventListener('abort', stop, { once: true })
  })
