import { parseArgs } from 'node:util'
import { type Kind, nearestTo, type Row, readOption, SyncError } from '../lib/index.js'
import { flags, type Given, type Name } from './command-table.js'

/** What a command line holds, in its parts. */
export type Flags = {
  given: Given
  /** What is no flag. */
  words: readonly string[]
  /** How many of the words stand before `--`: the others are never verbs. */
  plain: number
}

/** What the flags of a command line give, and the words that are no flags; throws ERR_OPTION that names the flag. Values are left to be checked. */
export const readFlags = (args: readonly string[]): Flags => {
  const { tokens } = parseArgs({
    args: [...args],
    options: parseArgsOptions,
    strict: false,
    tokens: true,
    allowNegative: true,
  })
  const given: Given = {}
  const words: string[] = []
  let plain: number | undefined
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind === 'option-terminator') plain = words.length
    if (token.kind !== 'option') continue
    const { name, row } = known(token.name, token.rawName)
    given[name] = read(token, row, given[name])
  }
  return { given, words, plain: plain ?? words.length }
}

/** These take back what a variable or a file gives: `--no-select`. */
const negatable: ReadonlySet<Name> = new Set(['select', 'preset', 'pool', 'quota', 'summary'])

const isNegative = (rawName: string): boolean => rawName.startsWith('--no-')

/** What a flag gives, after what it gave `before`: the last one counts, but none may be wrong. */
const read = (token: Token, row: Row<unknown>, before: unknown): unknown => {
  const { kind } = row
  if (kind.arity === 'none') return readSwitch(token)
  if (isNegative(token.rawName)) return readSwitch(token) || undefined
  const value = readValue(token, kind)
  if (kind.arity === 'many') return [...((before as unknown[]) ?? []), value]
  if (before !== undefined) readOption(row, `--${token.name}`, before)
  return value
}

type Token = { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined }

const readSwitch = ({ rawName, value }: Token): boolean => {
  if (value !== undefined)
    throw new SyncError('ERR_OPTION', `${rawName}: expected no value, got ${JSON.stringify(value)}`)
  return !isNegative(rawName)
}

const readValue = (
  { name, rawName, value, inlineValue }: Token,
  { expected, isSecret }: Kind<unknown>,
): string => {
  if (value === undefined) throw new SyncError('ERR_OPTION', `${rawName}: expected ${expected}, got nothing`)
  // Far more often the value was forgotten than that it begins with a dash.
  if (!inlineValue && /^-./.test(value))
    throw new SyncError(
      'ERR_OPTION',
      `${rawName}: expected ${expected}, got ${isSecret ? 'a flag' : `the flag ${JSON.stringify(value)}`}; a value with a dash in front is written --${name}=VALUE`,
    )
  return value
}

const parseArgsOptions = Object.fromEntries(
  [...flags].map(([flag, { row }]) => [
    flag,
    {
      type: row.kind.arity === 'none' ? ('boolean' as const) : ('string' as const),
      ...(row.short !== undefined && { short: row.short }),
    },
  ]),
)

const known = (flag: string, rawName: string): { name: Name; row: Row<unknown> } => {
  const found = flags.get(flag)
  const canBe =
    !isNegative(rawName) || found?.row.kind.arity === 'none' || negatable.has(found?.name ?? 'out')
  if (found && canBe) return found
  const nearest = nearestTo(flag, [...flags.keys()])
  throw new SyncError(
    'ERR_OPTION',
    `${rawName}: no such flag${nearest ? `; did you mean --${nearest}?` : '; see sluice --help'}`,
  )
}
