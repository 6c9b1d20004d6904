import t from 'tap'
import { openLedger } from '../../lib/ledger/open-ledger.js'

t.test('a new ledger is at time 0, and nobody is in it', async t => {
  const { now, epoch, factor, incarnation, users, backlog, orders } = openLedger('x')
  t.strictSame([now, epoch, factor, incarnation], [0, 0, 1, 'x'])
  t.strictSame([users.size, backlog.size, orders.size], [0, 0, 0])
  t.not(openLedger().users, openLedger().users, 'no two share anything')
})
