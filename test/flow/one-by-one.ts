import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { oneByOne } from '../../lib/flow/one-by-one.js'

t.test('one is at work at a time, in order, also after one that failed', async t => {
  const inTurn = oneByOne()
  let working = 0
  const order: number[] = []
  const task = (n: number) => async () => {
    t.equal(++working, 1)
    await setImmediate()
    working--
    order.push(n)
    if (n === 1) throw new Error('failed')
    return n
  }
  const tasks = [0, 1, 2, 3].map(n => inTurn(task(n)))
  await t.rejects(tasks[1] as Promise<number>, { message: 'failed' })
  t.strictSame(await Promise.all([tasks[0], tasks[2], tasks[3]]), [0, 2, 3])
  t.strictSame(order, [0, 1, 2, 3])
})
