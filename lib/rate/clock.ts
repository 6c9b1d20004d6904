/** Time as everything that waits sees it: tests put a manual one in its place. */
export type Clock = {
  /** Milliseconds that never run backwards; only differences mean something. */
  now(): number
  /** Calls back after `ms`, never earlier and never before it has returned; what comes back cancels. */
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
    // A timer counts whole milliseconds of the event loop's clock, which lags: it can fire early by almost two.
    const check = () => {
      const left = due - performance.now()
      if (left <= 0) callback()
      else arm(left)
    }
    const arm = (left: number) => {
      timer = setTimeout(check, Math.min(longestTimer, Math.ceil(left)))
    }
    arm(ms)
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
