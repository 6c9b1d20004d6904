import { flagOf, presets, type Row } from '../lib/index.js'
import { type Name, rows } from './command-table.js'
import { notInFiles } from './config.js'
import { variableOf } from './environment.js'
import { usageOf } from './help.js'
import { topics } from './topics.js'
import { hang } from './wrap.js'

/** All that can be said of one option, from its row and from everywhere else that knows it. */
export const optionHelp = (name: Name, columns = 80): string => {
  const row = new Map(rows).get(name) as Row<unknown>
  const line = (label: string, text: string | undefined): string[] =>
    text === undefined || text === '' ? [] : [hang(`  ${label}`, text, { indent: 15, columns })]
  return [
    `${row.short ? `-${row.short}, ` : ''}${usageOf(name, row)}`,
    hang('  ', row.help, { indent: 2, columns }),
    '',
    ...line('expected', row.kind.expected),
    ...line('default', row.default),
    ...line('environment', variableOf(name, row)),
    ...line('config file', inFiles(name, row)),
    ...line('presets', inPresets(name)),
    ...line('read on', readOn(flagOf(name, row))),
    '',
  ].join('\n')
}

const inFiles = (name: Name, { ofOrigin }: Row<unknown>): string => {
  if (notInFiles.has(name)) return ''
  return ofOrigin ? `${name}, also in a section of origins` : name
}

const inPresets = (name: string): string =>
  Object.entries(presets as Record<string, Partial<Record<string, string>>>)
    .filter(([, options]) => options[name] !== undefined)
    .map(([preset, options]) => `${preset} ${options[name]}`)
    .join(', ')

/** The topics that speak of it. */
const readOn = (flag: string): string =>
  [...topics]
    .filter(([, { text }]) => new RegExp(`${flag}(?![\\w-])`).test(text))
    .map(([topic]) => `sluice help ${topic}`)
    .join(', ')
