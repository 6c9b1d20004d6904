import t from 'tap'
import { nothing } from '../../lib/ledger/terms.js'
import { openOrders } from '../../lib/pool/orders.js'

const perSecond = (rate: number) => ({
  pool: [{ of: 'requests' as const, interval: 1e6 / rate, savings: 0 }],
  user: [],
})
const request = { ...nothing, requests: 1 }
const many = { next: request, waiting: 500, coming: 0, roundTripMs: 0 }

t.test('as many are asked for at once as 5 ms and half a round trip have room for', async t => {
  const { order } = openOrders(1)
  t.match(order(many, perSecond(10)), { cost: request, count: 1, weight: 1, standing: true })
  t.equal(order(many, perSecond(1000))?.count, 5)
  t.equal(order({ ...many, roundTripMs: 40 }, perSecond(1000))?.count, 25)
  t.equal(order(many, perSecond(1e6))?.count, 100, 'and never more than that')
  t.equal(order({ ...many, waiting: 3 }, perSecond(1000))?.count, 3, 'nor more than wait')
  t.equal(order({ ...many, waiting: 0 }, perSecond(1000))?.count, 1)
})

t.test('what weighs more has as much more at a turn, up to four times', async t => {
  const countOf = (weight: number) => openOrders(weight).order(many, perSecond(1000))?.count
  t.strictSame([1, 2, 3, 50].map(countOf), [5, 10, 15, 20])
  t.equal(openOrders(3).order(many, perSecond(10))?.weight, 3)
})

t.test('the limits of the user count as well', async t => {
  const terms = { ...perSecond(1000), user: perSecond(10).pool }
  t.equal(openOrders(1).order(many, terms)?.count, 1)
})

t.test('pieces are asked for by their mean, and by the last one where nobody waits', async t => {
  const { order, meanCost } = openOrders(1)
  const of = (bytes: number) => order({ ...many, next: { ...request, bytes } }, perSecond(10))?.cost.bytes
  t.strictSame([of(1000), of(2000), of(1250)], [1000, 1250, 1250])
  t.equal(order({ ...many, next: undefined }, perSecond(10))?.cost.bytes, 1250)
  t.equal(meanCost().bytes, 1250)
  t.equal(of(0), 0, 'what has no bytes asks for none')
})

t.test(
  'where nothing spaces them no more are asked for than wait, but for those that are on their way',
  t => {
    const { order } = openOrders(1)
    const unlimited = { pool: [], user: [] }
    t.equal(order({ ...many, waiting: 7 }, unlimited)?.count, 7)
    t.equal(order({ ...many, waiting: 7, coming: 5 }, unlimited)?.count, 2)
    t.equal(order({ ...many, waiting: 7, coming: 7 }, unlimited), undefined)
    t.equal(order({ ...many, next: undefined, waiting: 0 }, unlimited), undefined)
    t.equal(order(many, unlimited)?.count, 100)
    t.end()
  },
)
