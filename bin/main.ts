import { readFileSync } from 'node:fs'
import { exitCodeOf, redactText, SyncError } from '../lib/index.js'
import { readCommandLine } from './command-line.js'
import { help } from './help.js'
import { helpOn } from './help-on.js'
import { output } from './output.js'
import { pool } from './pool.js'
import { run } from './run.js'
import { terminalOf } from './terminal.js'

/** The command: reads its line, does what it says, and gives the exit status. */
export const main = async (process: NodeJS.Process): Promise<number> => {
  const { stderr } = process
  // Nobody to tell is no reason to end a run.
  stderr.on('error', () => {})
  try {
    const { stdout, argv, env } = process
    const [first, ...others] = argv.slice(2)
    const columns = stdout.isTTY ? Math.min(terminalOf(stdout, env).columns(), 100) : 80
    // What stands behind this verb are names, not flags that want their values.
    if (first === 'help') return await print(stdout, helpOn(others[0], columns))
    if (first === 'pool') {
      const isAsking = others.some(word => word === '--help' || word === '-h')
      return await print(stdout, isAsking ? helpOn('pool', columns) : await pool(others, env))
    }
    const line = readCommandLine(argv.slice(2), env)
    if (line.version || line.verb === 'version') return await print(stdout, `${version()}\n`)
    if (line.help) return await print(stdout, help(columns))
    if (line.verb === 'help') return await print(stdout, helpOn(line.words[0], columns))
    return await run(line, process)
  } catch (error) {
    if (!(error instanceof SyncError)) return tellBug(error, stderr)
    if (error.cause !== 'EPIPE') stderr.write(`sluice: ${redactText(error.message)}\n`)
    return exitCodeOf(error)
  }
}

const print = async (stdout: NodeJS.WriteStream, text: string): Promise<number> => {
  const lines = output(stdout)
  void lines.write(text)
  await lines.end()
  if (lines.lost) throw lines.lost
  return 0
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version

/** Where it happened is what a report of it needs. */
const tellBug = (error: unknown, stderr: NodeJS.WriteStream): number => {
  const lines = String(error instanceof Error ? error.stack : error).split('\n')
  stderr.write(`sluice: a bug: ${lines.map(redactText).join('\n')}\n`)
  return exitCodeOf(new SyncError('ERR_INTERNAL', 'a bug'))
}
