import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Turns with others who measure on this machine. */
export type Turns = {
  /** Does something while nobody else does; several in a row, so long as that is not for minutes. */
  during<Result>(work: () => Promise<Result>): Promise<Result>
  /** Lets the others. */
  end(): void
}

/** After so long it is the turn of others. */
const longestMs = 150_000

/** Takes turns by the lock of a file; where none is given there are no others. */
export const openTurns = (file: string | undefined, signal: AbortSignal): Turns => {
  let holder: ChildProcess | undefined
  let since = 0
  const end = (): void => {
    holder?.stdin?.end()
    holder = undefined
  }
  return {
    async during(work) {
      if (file !== undefined && !holder) {
        holder = spawn('flock', [file, 'sh', '-c', 'echo; exec cat'], {
          stdio: ['pipe', 'pipe', 'inherit'],
          signal,
        })
        holder.on('error', () => {})
        await Promise.race([once(holder.stdout ?? holder, 'data'), once(holder, 'close')])
        signal.throwIfAborted()
        since = performance.now()
      }
      try {
        return await work()
      } finally {
        if (performance.now() - since > longestMs) end()
      }
    },
    end,
  }
}
