import t from 'tap'
import { originTable } from '../../lib/options/origin-table.js'
import { providers } from '../../lib/options/providers.js'
import { table } from '../../lib/options/table.js'

t.test('what only an origin can have is no option of a run', async t => {
  t.strictSame(
    Object.keys(originTable).filter(name => Object.hasOwn(table, name)),
    [],
  )
})

t.test('every provider is told of', async t => {
  for (const name of Object.keys(providers)) t.match(originTable.provider.help, name)
})

t.test('units come at a rate, as requests do', async t => {
  t.equal(originTable.unitlimit.kind.read('1000000/m'), 1_000_000 / 60)
  t.equal(originTable.userUnitlimit.kind.read('off'), Number.POSITIVE_INFINITY)
  t.equal(originTable.unitlimit.kind.read('1MB'), undefined)
})
