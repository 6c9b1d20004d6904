import t from 'tap'
import { nothing } from '../../lib/ledger/terms.js'
import { isOfMoments, openSlots } from '../../lib/pool/slots.js'

t.test('a slot is good for one request, and for so long', async t => {
  const slots = openSlots(5)
  slots.add(0, { requests: 1, units: 0 })
  slots.add(3, { requests: 1, units: 0 })
  t.strictSame(slots.expire(5), nothing)
  t.ok(slots.take({ requests: 1, units: 0 }))
  t.strictSame(slots.expire(9), { requests: 1, units: 0, bytes: 0 })
  t.notOk(slots.take({ requests: 1, units: 0 }))
})

t.test('what costs many units takes as many slots as have them, and leaves the rest', async t => {
  const slots = openSlots(5)
  for (let n = 0; n < 3; n++) slots.add(n, { requests: 1, units: 10 })
  t.notOk(slots.take({ requests: 1, units: 31 }), 'none is taken where there are not enough')
  t.ok(slots.take({ requests: 1, units: 15 }))
  t.ok(slots.take({ requests: 1, units: 5 }), 'what was left of the second')
  t.ok(slots.take({ requests: 1, units: 10 }))
  t.notOk(slots.take({ requests: 0, units: 1 }))
  t.strictSame(slots.clear(), nothing)
})

t.test('units alone are limited as requests are', async t => {
  const slots = openSlots(5)
  slots.add(0, { requests: 0, units: 200 })
  t.ok(slots.take({ requests: 0, units: 5 }))
  t.notOk(slots.take({ requests: 0, units: 200 }))
  t.strictSame(slots.clear(), { requests: 0, units: 195, bytes: 0 })
})

t.test('bytes have no moment', t => {
  t.notOk(isOfMoments(nothing))
  t.ok(isOfMoments({ requests: 0, units: 1 }))
  t.end()
})
