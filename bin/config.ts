import { readFileSync } from 'node:fs'
import { nearestTo, type OriginSection, type Row, readOption, readOrigins, SyncError } from '../lib/index.js'
import { type Given, type Name, rows } from './command-table.js'
import { duplicateKey } from './duplicate-key.js'
import { jsonFault } from './json-fault.js'

export type Config = { given: Given; origins: Readonly<Record<string, OriginSection>> }

/** What a configuration file gives; throws ERR_OPTION that names the file, and the key in it. Values are checked. */
export const readConfig = (file: string): Config => {
  const { origins, ...given } = parse(file)
  try {
    readOrigins(origins)
    for (const [name, value] of Object.entries(given))
      if (value !== null) readOption(rowOf(name), name, value)
  } catch (error) {
    throw error instanceof SyncError ? refused(file, error.message) : error
  }
  return { given: withoutNulls(given), origins: (origins ?? {}) as Config['origins'] }
}

const parse = (file: string): Record<string, unknown> => {
  const text = read(file).replace(/^\uFEFF/, '')
  if (text.trim() === '') throw refused(file, 'expected a JSON object of options, got an empty file')
  const value = toValue(text, file)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(file, 'expected a JSON object of options')
  const twice = duplicateKey(text)
  if (twice !== undefined)
    throw refused(file, `${JSON.stringify(twice)}: expected once in one object, got twice`)
  return value as Record<string, unknown>
}

const toValue = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { line, column } = jsonFault(text, error)
    throw refused(file, `expected JSON, got something else at line ${line}, column ${column}`)
  }
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SyncError(
      'ERR_OPTION',
      `--config: expected a readable file, got ${JSON.stringify(file)} (${code})`,
      { cause: error },
    )
  }
}

/** What a file cannot ask for. */
export const notInFiles = new Set<Name>(['help', 'version', 'config'])

const named = new Map<string, Row<unknown>>(rows.filter(([name]) => !notInFiles.has(name)))

const rowOf = (name: string): Row<unknown> => {
  const row = named.get(name)
  if (row) return row
  const nearest = nearestTo(name, [...named.keys(), 'origins'])
  const advice = nearest === undefined ? 'see sluice help config' : `did you mean ${nearest}?`
  throw new SyncError('ERR_OPTION', `${name}: no such option; ${advice}`)
}

const refused = (file: string, why: string): SyncError => new SyncError('ERR_OPTION', `${file}: ${why}`)

const withoutNulls = (given: Record<string, unknown>): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
