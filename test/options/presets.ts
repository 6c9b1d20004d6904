import t from 'tap'
import { presets } from '../../lib/options/presets.js'
import { type OptionName, type Row, table } from '../../lib/options/table.js'

for (const [preset, bundle] of Object.entries(presets))
  t.test(`${preset} gives values that can be written out as they are`, async t => {
    for (const [name, text] of Object.entries(bundle)) {
      const row = table[name as OptionName] as Row<unknown> | undefined
      t.not(row?.kind.read(text), undefined, `${name}: ${text}`)
    }
  })
