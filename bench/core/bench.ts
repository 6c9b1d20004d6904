import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { isRefusal, refusal } from './refuse.js'

export type Bench = {
  /** Small sizes and one run: to see that it works. */
  quick: boolean
  /** Whether a row with this name is wanted. */
  isWanted(name: string): boolean
  /** How many runs each row has, where the bench says `fallback`. */
  runs(fallback: number): number
  /** The values of the bench's own flags. */
  values: Readonly<Record<string, string | undefined>>
  /** Aborts on Ctrl-C. */
  signal: AbortSignal
  /** Done at the end, however that comes, the last one first. */
  after(undo: () => unknown): void
}

export type BenchOptions = {
  /** As it is started: `npm run bench:speed`. */
  command: string
  /** One sentence for --help. */
  about: string
  /** Its own flags, all with a value: name to what --help says. */
  flags?: Readonly<Record<string, string>>
}

/** The frame of a bench: reads its flags, runs `body`, leaves nothing behind; exit 2 and one line where it cannot be run. */
export const bench = async (options: BenchOptions, body: (bench: Bench) => Promise<void>): Promise<void> => {
  const undos: (() => unknown)[] = []
  const abort = new AbortController()
  const stop = (signal: NodeJS.Signals): void => {
    process.exitCode = 128 + constants.signals[signal]
    abort.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  // Whoever reads may go before the end, as head does.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop('SIGPIPE'))
  try {
    const given = read(options)
    if (given) await body({ ...given, signal: abort.signal, after: undo => void undos.push(undo) })
  } catch (error) {
    if (!abort.signal.aborted) {
      process.stderr.write(`${isRefusal(error) ? error.message : (error as Error).stack}\n`)
      process.exitCode = isRefusal(error) ? 2 : 1
    }
  } finally {
    for (const undo of undos.reverse())
      try {
        await undo()
      } catch (error) {
        process.stderr.write(`${(error as Error).message}\n`)
      }
  }
  // What still waits for something that nobody wants any more.
  if (abort.signal.aborted) process.exit()
}

type Given = Pick<Bench, 'quick' | 'isWanted' | 'runs' | 'values'>

const read = ({ command, about, flags = {} }: BenchOptions): Given | undefined => {
  const own = Object.fromEntries(Object.keys(flags).map(name => [name, { type: 'string' as const }]))
  const common = {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    runs: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const
  const values = parse({ ...own, ...common })
  const { quick = false, only = '', runs, help, ...others } = values
  if (help) {
    process.stdout.write(usage(command, about, flags))
    return undefined
  }
  if (runs !== undefined && !/^[1-9]\d*$/.test(String(runs))) throw refusal(`--runs ${runs}: not a number`)
  const pattern = toPattern(String(only))
  return {
    quick: quick === true,
    isWanted: name => pattern.test(name),
    runs: fallback => Number(runs ?? (quick ? 1 : fallback)),
    values: others as Record<string, string | undefined>,
  }
}

type Flags = Record<string, { type: 'string' | 'boolean'; short?: string }>

const parse = (options: Flags): Record<string, string | boolean | undefined> => {
  try {
    return parseArgs({ options }).values as Record<string, string | boolean | undefined>
  } catch (error) {
    throw refusal((error as Error).message)
  }
}

const toPattern = (only: string): RegExp => {
  try {
    return new RegExp(only, 'i')
  } catch {
    throw refusal(`--only ${only}: not a regular expression`)
  }
}

const usage = (command: string, about: string, flags: Readonly<Record<string, string>>): string => {
  const lines = {
    '--quick': 'small sizes and one run, to see that it works',
    '--only PATTERN': 'only the rows whose name matches',
    '--runs N': 'how often each row is measured',
    ...Object.fromEntries(Object.entries(flags).map(([name, help]) => [`--${name} VALUE`, help])),
  }
  const rows = Object.entries(lines).map(([flag, help]) => `  ${flag.padEnd(18)} ${help}\n`)
  return `${about}\n\n  ${command} -- [FLAGS]\n\n${rows.join('')}`
}
