import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import { goAhead } from './ahead.js'
import type { Network } from './network.js'

/** A process that answers questions. */
export type Script = {
  ask<Answer>(question: string | number | object): Promise<Answer>
  stop(): Promise<void>
}

export type ScriptOptions = {
  network: Network
  /** The folder of the script, and its name without an extension. */
  folder: string
  name: string
  args?: readonly string[]
  /** Whether it goes ahead of all others once it has started. */
  goesAhead?: boolean
}

/** Starts a script of ours in a network. */
export const startScript = async (options: ScriptOptions): Promise<Script> => {
  const { network, folder, name, args = [], goesAhead = false } = options
  const file = join(folder, `${name}${extname(import.meta.filename)}`)
  const node = [process.execPath, ...process.execArgv, file, ...args]
  const [command, ...rest] = network.inside(node)
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true })
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
  if (goesAhead && child.pid) goAhead(child.pid)
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
