import { flagOf, type OptionName } from '../lib/index.js'
import type { CommandLine } from './command-line.js'

/** What a second run has to be given again; never a header, which the screen would show. */
const repeated = ['out', 'bwlimit', 'preset'] as const satisfies readonly OptionName[]

/** How what failed is tried again, to be copied: with the directory, the cap, the preset and the file of this run. */
export const retryCommand = ({
  options,
  config,
}: Pick<CommandLine, 'config'> & { options: Partial<Record<OptionName, unknown>> }): string => {
  const [out, ...others] = repeated.flatMap(name => {
    const value = options[name]
    return value === undefined || value === null
      ? []
      : [`${name === 'out' ? '-o' : flagOf(name)} ${quoted(value)}`]
  })
  const file = config === undefined ? [] : [`--config ${quoted(config)}`]
  return [`jq -c 'select(.status=="failed")' OUTCOMES | sluice`, out, ...file, ...others].join(' ')
}

/** As a shell reads it as one word. */
const quoted = (value: unknown): string => {
  const text = String(value)
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
