import t from 'tap'
import { inTurn } from '../../bench/core/in-turn.js'

t.test('contestants take turns, and each has all of its runs', async t => {
  const order: string[] = []
  const measured = await inTurn(['a', 'b'], 3, async (contestant, run) => order.push(`${contestant}${run}`))
  t.strictSame(order, ['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
  t.strictSame(
    [...measured],
    [
      ['a', [1, 3, 5]],
      ['b', [2, 4, 6]],
    ],
  )
})
