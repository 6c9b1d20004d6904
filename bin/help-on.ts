import { flagOf, nearestTo, SyncError } from '../lib/index.js'
import { type Name, rows } from './command-table.js'
import { help } from './help.js'
import { optionHelp } from './option-help.js'
import { topics } from './topics.js'

/** What `sluice help WORD` shows: the page of a topic, all about one option, or the general help; throws ERR_OPTION for any other word. */
export const helpOn = (word: string | undefined, columns?: number): string => {
  if (word === undefined || general.has(word)) return help(columns)
  const topic = topics.get(word)
  if (topic) return `${topic.text}\n`
  const name = options.get(word)
  if (name) return optionHelp(name, columns)
  const nearest = nearestTo(word, [...topics.keys(), ...options.keys()])
  const advice =
    nearest === undefined ? `expected one of ${[...topics.keys()].join(', ')}` : `did you mean ${nearest}?`
  throw new SyncError('ERR_OPTION', `help: no such topic, ${JSON.stringify(word)}; ${advice}`)
}

/** Words that are neither a topic nor an option, but no mistakes either. */
const general = new Set(['sync', 'plan', 'help', '-h', '--help'])

/** How an option can be called: `--per-origin`, `per-origin`, `perOrigin` or `-j`. */
const options = new Map<string, Name>(
  rows.flatMap(([name, row]) => {
    const flag = flagOf(name, row)
    const words = [flag, flag.slice(2), name, ...(row.short === undefined ? [] : [`-${row.short}`])]
    return words.map(word => [word, name] as const)
  }),
)
