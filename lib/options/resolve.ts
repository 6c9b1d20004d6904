import { SyncError } from '../errors.js'
import { refuseUnknown } from '../refuse-unknown.js'
import { type OriginOptions, readOrigins, whatNeedsPool } from './origins.js'
import { presets } from './presets.js'
import { readOption } from './read-option.js'
import { flagOf, type OptionName, type OptionValues, type Row, table } from './table.js'

type Optional = 'select' | 'headers' | 'preset' | 'pool' | 'quota'

/** What options become once they are checked and their defaults are in. */
export type ResolvedOptions = Omit<OptionValues, Optional> & {
  [Name in Optional]?: OptionValues[Name] | undefined
} & {
  /** What single origins have of their own, by origin. */
  readonly origins: ReadonlyMap<string, OriginOptions>
}

/** Checked options, with what their preset gives and the defaults; throws ERR_OPTION that names the option, what was expected and what was given. */
export const resolve = ({
  origins,
  ...given
}: Partial<Record<OptionName | 'origins', unknown>>): ResolvedOptions => {
  refuseUnknown(given, [...Object.keys(table), 'origins'])
  const { preset } = given
  const bundle: Partial<Record<OptionName, string>> =
    preset === undefined || preset === null ? {} : presets[readOption(table.preset, '--preset', preset)]
  const values = Object.entries(table).map(([name, row]) => {
    const fallback = bundle[name as OptionName] ?? ('default' in row ? row.default : undefined)
    const value = given[name as OptionName] ?? fallback
    const isMissing = value === undefined && name !== 'out'
    return [name, isMissing ? undefined : readOption(row as Row<unknown>, flagOf(name, row), value)]
  })
  const resolved: ResolvedOptions = { ...Object.fromEntries(values), origins: readOrigins(origins) }
  const { select, format } = resolved
  if (select !== undefined && format !== 'auto' && format !== 'json')
    throw new SyncError('ERR_OPTION', `--select: expected a manifest in JSON, got --format ${format}`)
  refusePoolless(resolved, given)
  return resolved
}

/** Limits that only a pool can keep would be lost without one. */
const refusePoolless = ({ pool, origins }: ResolvedOptions, given: object): void => {
  if (pool !== undefined) return
  const name = ofPools.find(name => (Reflect.get(given, name) ?? undefined) !== undefined)
  if (name !== undefined)
    throw new SyncError('ERR_OPTION', `${flagOf(name)}: expected --pool as well, such as --pool local:`)
  for (const [origin, section] of origins) {
    const need = section.pool === undefined ? whatNeedsPool(section) : undefined
    if (need !== undefined)
      throw new SyncError(
        'ERR_OPTION',
        `origins "${origin}": ${need}: expected a pool as well, such as "local:"`,
      )
  }
}

const ofPools = ['quota', 'userBwlimit', 'userTpslimit'] as const satisfies readonly OptionName[]
