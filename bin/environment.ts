import { flagOf, nearestTo, type Row, readOption, SyncError } from '../lib/index.js'
import { type Given, type Name, rows } from './command-table.js'

/** What the `SLUICE_*` variables of an environment give, such as `SLUICE_PER_ORIGIN`; throws ERR_OPTION that names the variable. */
export const readEnvironment = (environment: NodeJS.ProcessEnv): Given => {
  const given: Given = {}
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || ofKubernetes.test(variable) || value === undefined) continue
    const { name, flag, row } = known(variable)
    if (value === '' || neverInherited.has(name)) continue
    readOption(row, `${variable} for ${flag}`, value)
    given[name] = value
  }
  return given
}

const prefix = 'SLUICE_'

/** Nothing inherits these: a SLUICE_VERSION of some deployment is no wish to see the version. */
const neverInherited = new Set<Name>(['help', 'version'])

/** It tells every container where each service is; one that is called sluice says nothing to us. */
const ofKubernetes = /^SLUICE_(SERVICE_|PORT(_|$))/

/** `SLUICE_PER_ORIGIN` for `--per-origin`. */
const variableFor = (flag: string): string => prefix + flag.slice(2).toUpperCase().replaceAll('-', '_')

/** The variable that gives an option; undefined where none does. */
export const variableOf = (name: Name, row: Row<unknown>): string | undefined =>
  neverInherited.has(name) ? undefined : variableFor(flagOf(name, row))

const variables = new Map<string, { name: Name; flag: string; row: Row<unknown> }>(
  rows.map(([name, row]) => {
    const flag = flagOf(name, row)
    return [variableFor(flag), { name, flag, row }]
  }),
)

const known = (variable: string) => {
  const found = variables.get(variable)
  if (found) return found
  // What all of them have in front would make each of them look alike.
  const names = [...variables.keys()].map(name => name.slice(prefix.length))
  const nearest = nearestTo(variable.slice(prefix.length), names)
  throw new SyncError(
    'ERR_OPTION',
    `${variable}: no such variable; ${nearest === undefined ? 'see sluice help config' : `did you mean ${prefix}${nearest}?`}`,
  )
}
