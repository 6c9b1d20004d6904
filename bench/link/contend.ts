import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { sharedNow } from './clock.js'
import type { Network } from './network.js'

export type ContendOptions = {
  network: Network
  /** A file that is its stdin. */
  stdin: string
  /** After so long it is interrupted, as by Ctrl-C. */
  stopAfterMs?: number | undefined
  /** Kills it. */
  signal: AbortSignal
}

/** Runs a command in a network until it ends; gives its exit code, the last of its stderr, and when it was interrupted, if it was. */
export const contend = async (
  line: readonly string[],
  { network, stdin, stopAfterMs, signal }: ContendOptions,
): Promise<{ code: number; stderr: string; interruptedAt: number }> => {
  signal.throwIfAborted()
  const [command, ...args] = network.inside(line)
  // Whatever is set for the sluice of whoever runs the bench is not what is measured.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_')))
  const input = openSync(stdin, 'r')
  const child = spawn(command, args, { env, stdio: [input, 'ignore', 'pipe'], detached: true })
  closeSync(input)
  const kill = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  let interruptedAt = Number.POSITIVE_INFINITY
  const interrupt = (): void => {
    interruptedAt = sharedNow()
    child.kill('SIGINT')
  }
  const timer = stopAfterMs === undefined ? undefined : setTimeout(interrupt, stopAfterMs)
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk).slice(-2000)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  signal.removeEventListener('abort', kill)
  signal.throwIfAborted()
  return { code: code ?? 130, stderr, interruptedAt }
}
