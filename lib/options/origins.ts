import { SyncError } from '../errors.js'
import { typeNameOf } from '../found.js'
import { nearestTo } from '../nearest.js'
import { redactUrl } from '../redact.js'
import { type OwnOptionValues, originTable } from './origin-table.js'
import { providers } from './providers.js'
import { readOption } from './read-option.js'
import { type OptionName, type OptionValues, type OriginOptionName, type Row, table } from './table.js'

/** Checked options of one origin, with what its provider brings. */
export type OriginOptions = {
  readonly [Name in OriginOptionName]?: OptionValues[Name]
} & Partial<Readonly<OwnOptionValues>>

/**
 * Checked options of single origins, by origin. Throws ERR_OPTION that names the section and its key: an origin is
 * scheme, host and port (RFC 6454 section 6.2) and nothing behind them.
 */
export const readOrigins = (given: unknown): ReadonlyMap<string, OriginOptions> => {
  if (given === undefined || given === null) return new Map()
  const sections = new Map<string, OriginOptions>()
  for (const [key, section] of entriesOf(given, 'origins')) {
    const title = `origins ${JSON.stringify(/[@?]/.test(key) ? redactUrl(key) : key)}`
    const origin = originOf(key)
    if (origin === undefined)
      throw new SyncError('ERR_OPTION', `${title}: expected an origin such as "https://cdn.example.com"`)
    if (wildcards.test(new URL(origin).hostname))
      throw new SyncError('ERR_OPTION', `${title}: expected the name of one host, got a pattern`)
    if (sections.has(origin))
      throw new SyncError('ERR_OPTION', `${title}: expected one section for ${origin}, got two`)
    sections.set(origin, readSection(section, title))
  }
  return sections
}

const readSection = (given: unknown, title: string): OriginOptions => {
  const own = readOptions(given, title)
  const known = own.provider && readOptions(providers[own.provider], title)
  const costs = [...(own.unitCosts ?? []), ...(known?.unitCosts ?? [])]
  return { ...known, ...own, ...(costs.length > 0 && { unitCosts: costs }) }
}

const readOptions = (given: unknown, title: string): OriginOptions =>
  Object.fromEntries(
    entriesOf(given, title)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, readOption(rowOf(name, title), `${title}: ${name}`, value)]),
  )

const rows = new Map<string, Row<unknown>>([
  ...(Object.entries(table) as [OptionName, Row<unknown>][]).filter(([, row]) => row.ofOrigin),
  ...Object.entries(originTable),
])

const rowOf = (name: string, title: string): Row<unknown> => {
  const known = rows.get(name)
  if (known) return known
  const names = [...rows.keys()]
  const nearest = nearestTo(name, names)
  const why = Object.hasOwn(table, name) ? 'holds for the whole run' : 'no such option'
  const advice = nearest === undefined ? `expected one of ${names.join(', ')}` : `did you mean ${nearest}?`
  throw new SyncError('ERR_OPTION', `${title}: ${name}: ${why}; ${advice}`)
}

/** What no host is called, but patterns for hosts are. */
const wildcards = /[*{}!,]/

/** A user, a path or a query would be a promise that is not kept: a section is about all of an origin. */
const originOf = (key: string): string | undefined => {
  if (!URL.canParse(key)) return undefined
  const { origin, protocol, href } = new URL(key)
  return /^https?:$/.test(protocol) && href === `${origin}/` ? origin : undefined
}

const entriesOf = (given: unknown, title: string): [string, unknown][] => {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return Object.entries(given)
  throw new SyncError('ERR_OPTION', `${title}: expected an object, got ${typeNameOf(given)}`)
}

/** What of a section only a pool can keep: with any of it an origin has one of its own. */
export const whatNeedsPool = (section: OriginOptions): string | undefined =>
  section.provider !== undefined
    ? 'provider'
    : Object.keys(section).find(name => rows.get(name)?.group === 'pool' || Object.hasOwn(originTable, name))
