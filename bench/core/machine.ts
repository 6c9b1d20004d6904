import { execFile } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { sluice } from './command.js'

/** Where and when something was measured. */
export type Machine = {
  cpu: string
  cores: number
  memory: string
  kernel: string
  node: string
  at: string
}

/** This machine, now. */
export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
  kernel: release(),
  node: process.version,
  at: new Date().toISOString(),
})

/** The version of each of `programs` by its name, as it says itself; `sluice` is the command under test. */
export const versions = async (programs: readonly string[]): Promise<Record<string, string>> =>
  Object.fromEntries(await Promise.all(programs.map(async name => [name, await versionOf(name)])))

/** How to ask those for their version that do not know --version. */
const questions: Readonly<Record<string, string>> = { ip: '-V', nginx: '-v', openssl: 'version', tc: '-V' }

const versionOf = async (program: string): Promise<string> => {
  const [command, ...args] = program === 'sluice' ? sluice() : [program]
  const asked = await promisify(execFile)(command, [...args, questions[program] ?? '--version'])
  const version = /\d+(?:\.\d+)+[\w-]*/.exec(`${asked.stdout}${asked.stderr}`)?.[0] ?? 'unknown'
  return program === 'sluice' ? [version, ...(await commitOf(args[0]))].join(' ') : version
}

/** The last commit of the sources of a command that a repository built, with a + where they have been changed since. */
const commitOf = async (file = '.'): Promise<string[]> => {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-C', dirname(file), ...args])).stdout.trim()
  try {
    const sources = [':/lib', ':/bin']
    const commit = await git('log', '-1', '--format=%h', '--', ...sources)
    return [commit + ((await git('status', '--porcelain', '--', ...sources)) ? '+' : '')]
  } catch {
    return []
  }
}
