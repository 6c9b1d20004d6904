import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import type { Network } from './network.js'

/** A process that answers questions. */
export type Script = {
  ask<Answer>(question: string | number | object): Promise<Answer>
  stop(): Promise<void>
}

/**
 * Starts a script of a folder in a network, ahead of all others on this machine: it stands for a machine of its own, which would
 * not wait for a processor that this one has too few of.
 */
export const startScript = async (
  network: Network,
  folder: string,
  name: string,
  ...args: readonly string[]
): Promise<Script> => {
  const file = join(folder, `${name}${extname(import.meta.filename)}`)
  const node = ['nice', '-n', '-10', process.execPath, ...process.execArgv, file, ...args]
  const [command, ...rest] = network.inside(node)
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const exited = once(child, 'exit').catch(() => [])
  let complaint = ''
  child.stderr?.on('data', chunk => {
    complaint += chunk
  })
  const answer = async <Answer>(): Promise<Answer> => {
    const [message] = await Promise.race([once(child, 'message'), exited.then(() => [exited])])
    if (message === exited) throw new Error(`${name} has ended: ${complaint.trim()}`)
    return message as Answer
  }
  await answer()
  return {
    async ask<Answer>(question: string | number | object) {
      const answered = answer<Answer>()
      child.send(question)
      return answered
    },
    stop: () => stop(child, exited),
  }
}

const stop = async (child: ChildProcess, exited: Promise<unknown>): Promise<void> => {
  child.kill('SIGKILL')
  await exited
}
