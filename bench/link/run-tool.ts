import { spawnSync } from 'node:child_process'

/** Runs a command to its end; throws what it complains of. */
export const runTool = ([command = '', ...args]: readonly string[]): void => {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`)
}
