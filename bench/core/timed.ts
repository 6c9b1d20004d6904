import { type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/** How a command is run. */
export type TimedOptions = {
  cwd?: string
  /** Besides our own. */
  env?: NodeJS.ProcessEnv
  /** All of stdin; nothing unless given. */
  input?: Iterable<string | Buffer> | AsyncIterable<string | Buffer>
  /** A file that is stdin. */
  inputFile?: string
  /** A file for stdout, or what is told of every chunk of it; nowhere unless given. */
  output?: string | ((chunk: Buffer) => void)
  /** What starts it, as `ip netns exec NAME` does. */
  wrap?: readonly string[]
  /** Ends it, and rejects. */
  signal?: AbortSignal
}

/** What a command cost. */
export type Timed = {
  wallMs: number
  cpuMs: number
  userMs: number
  systemMs: number
  /** The most memory it had at once. */
  peakBytes: number
  /** 128 + its number where a signal ended it. */
  code: number
  /** The last of what it wrote there. */
  stderr: string
}

/** Runs a command to its end, however that is, and says what it cost. */
export const timed = async (command: readonly string[], options: TimedOptions = {}): Promise<Timed> => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-timed-'))
  const { input, inputFile, output, wrap = [], signal, cwd, env } = options
  const files = [inputFile && openSync(inputFile, 'r'), typeof output === 'string' && openSync(output, 'w')]
  const [stdinFile, stdoutFile] = files
  const stdio: StdioOptions = [
    stdinFile || (input ? 'pipe' : 'ignore'),
    stdoutFile || (output ? 'pipe' : 'ignore'),
    'pipe',
  ]
  try {
    signal?.throwIfAborted()
    // Only the process that waits for another is told what that has used: GNU time asks for it, and adds next to nothing.
    const report = join(folder, 'time')
    const args = ['--quiet', '--format=%U %S %M', `--output=${report}`, ...wrap, ...command]
    const startedAt = performance.now()
    const child = spawn('/usr/bin/time', args, {
      cwd,
      env: { ...withoutOurs(process.env), ...env },
      stdio,
      detached: true,
    })
    const abort = (): void => endGroup(child.pid)
    signal?.addEventListener('abort', abort)
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk).slice(-4000)
    })
    if (typeof output === 'function') child.stdout?.on('data', output)
    // It may end without having read all of it.
    child.stdin?.on('error', () => {})
    if (input && child.stdin) Readable.from(input, { objectMode: false }).pipe(child.stdin)
    const [code] = (await once(child, 'close')) as [number | null]
    const wallMs = performance.now() - startedAt
    signal?.removeEventListener('abort', abort)
    signal?.throwIfAborted()
    const [user = 0, system = 0, peakKiB = 0] = readFileSync(report, 'utf8').split(' ').map(Number)
    const [userMs, systemMs] = [user * 1000, system * 1000]
    const cost = { wallMs, cpuMs: userMs + systemMs, userMs, systemMs, peakBytes: peakKiB * 1024 }
    return { ...cost, code: code ?? 137, stderr }
  } finally {
    for (const file of files) if (file) closeSync(file)
    rmSync(folder, { recursive: true, force: true })
  }
}

const endGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** What somebody set for their own use of the command is no part of what is measured. */
const withoutOurs = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SLUICE_')))
