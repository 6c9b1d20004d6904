import t from 'tap'
import { nothing } from '../../lib/ledger/terms.js'

t.test('nothing costs nothing, in every dimension', async t => {
  t.strictSame(nothing, { requests: 0, units: 0, bytes: 0 })
})
