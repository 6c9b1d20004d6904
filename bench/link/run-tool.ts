import { spawnSync } from 'node:child_process'

/** Runs a command to its end; gives what it says, throws what it complains of. */
export const runTool = ([command = '', ...args]: readonly string[]): string => {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`)
  return stdout
}

/** Whether a command can be run here. */
export const canRun = ([command = '', ...args]: readonly string[]): boolean =>
  spawnSync(command, args).status === 0
