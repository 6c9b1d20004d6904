import fc from 'fast-check'
import t from 'tap'
import { inOrder, median, percentile, spread } from '../../bench/core/statistics.js'

const numbers = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 })

t.test('the median is the middle, whatever the order', async t => {
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([10, 1, 2, 3]), 2.5)
  t.equal(median([7]), 7)
  t.ok(Number.isNaN(median([])))
  fc.assert(
    fc.property(numbers, values => {
      const middle = median(values)
      const below = values.filter(value => value < middle).length
      const above = values.filter(value => value > middle).length
      return below <= values.length / 2 && above <= values.length / 2
    }),
  )
})

t.test('a percentile is a value that was measured, and so many do not exceed it', async t => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  t.strictSame(
    [0, 50, 99, 100].map(percent => percentile(hundred, percent)),
    [1, 50, 99, 100],
  )
  t.equal(percentile([5], 99), 5)
  t.ok(Number.isNaN(percentile([], 50)))
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 100 }), (values, percent) => {
      const found = percentile(inOrder(values), percent)
      const within = values.filter(value => value <= found).length
      return values.includes(found) && within >= (percent / 100) * values.length
    }),
  )
})

t.test('the spread is a share of the median', async t => {
  t.equal(spread([10, 9, 11]), 0.2)
  t.equal(spread([4]), 0)
})

t.test('putting values in order leaves them as they were', async t => {
  const values = [10, 9, 1]
  t.strictSame(inOrder(values), [1, 9, 10])
  t.strictSame(values, [10, 9, 1])
})
