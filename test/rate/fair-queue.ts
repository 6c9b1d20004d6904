import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { type FairQueue, fairQueue } from '../../lib/rate/fair-queue.js'

/** Serves whoever is next, and tells who it was. Items are named after their flow. */
const serveNext = (queue: FairQueue<string>): string => {
  const item = queue.head() ?? ''
  queue.serve(flowOf(item), item)
  return item
}

const flowOf = (item: string): string => item.charAt(0)

const serveAll = (queue: FairQueue<string>): string[] => {
  const order: string[] = []
  while (queue.size > 0) order.push(serveNext(queue))
  return order
}

const queueOf = (items: Record<string, number>): FairQueue<string> => {
  const queue = fairQueue<string>()
  for (const [item, cost] of Object.entries(items)) queue.push(flowOf(item), item, cost)
  return queue
}

t.test('whose turn it is follows from what each flow was served', t => {
  const cases: [string, Record<string, number>, string][] = [
    ['one flow is first come, first served', { a1: 9, a2: 1, a3: 5 }, 'a1 a2 a3'],
    ['flows of equal pieces take turns', { a1: 1, a2: 1, b1: 1, b2: 1 }, 'a1 b1 a2 b2'],
    ['a flow of small pieces has more turns', { a1: 2, a2: 2, b1: 1, b2: 1, b3: 1 }, 'a1 b1 b2 a2 b3'],
    ['what costs nothing delays nobody', { a1: 0, a2: 0, b1: 1, b2: 1 }, 'a1 a2 b1 b2'],
  ]
  for (const [title, items, order] of cases) t.equal(serveAll(queueOf(items)).join(' '), order, title)
  t.end()
})

t.test('who leaves is not served and costs its flow nothing', t => {
  const queue = queueOf({ a1: 9, a2: 1, b1: 1 })
  queue.drop('a', 'a1')
  t.equal(queue.size, 2)
  t.strictSame(queue.waiting('a'), ['a2'])
  t.strictSame(serveAll(queue), ['a2', 'b1'])
  t.strictSame(queue.waiting('a'), [])
  t.equal(queue.head(), undefined)
  t.end()
})

t.test('who has left already changes nothing', t => {
  const queue = queueOf({ a1: 1 })
  queue.drop('a', 'a2')
  queue.drop('b', 'b1')
  queue.serve('a', 'a2')
  queue.serve('b', 'b1')
  t.equal(queue.size, 1)
  t.strictSame(serveAll(queue), ['a1'])
  t.end()
})

t.test('a flow that was away has no turns saved up', t => {
  const queue = queueOf({ a1: 1, a2: 1, a3: 1, a4: 1 })
  serveNext(queue)
  serveNext(queue)
  for (const item of ['b1', 'b2', 'b3']) queue.push('b', item, 1)
  t.equal(serveAll(queue).join(' '), 'b1 a3 b2 a4 b3')
  t.end()
})

t.test('a flow that comes back at once still owes what it was served', t => {
  const queue = queueOf({ a1: 3, b1: 1, b2: 1, b3: 1 })
  t.equal(serveNext(queue), 'a1')
  queue.push('a', 'a2', 3)
  t.equal(serveAll(queue).join(' '), 'b1 b2 b3 a2')
  t.end()
})

t.test('what was served beyond what was said is made up for, be the flow there or away', t => {
  const cases: [string, number, string][] = [
    ['more than was said', 1, 'b1 b2 b3 a2 b4'],
    ['less than was said', -1, 'b1 a2 b2 b3 b4'],
    ['what was said', 0, 'b1 b2 a2 b3 b4'],
  ]
  for (const [title, more, order] of cases)
    for (const isThere of [true, false]) {
      const queue = queueOf({ a1: 1.5, b1: 1, b2: 1, b3: 1, b4: 1 })
      if (isThere) queue.push('a', 'a2', 1)
      t.equal(serveNext(queue), 'a1')
      queue.charge('a', more)
      if (!isThere) queue.push('a', 'a2', 1)
      t.equal(serveAll(queue).join(' '), order, `${title}, ${isThere ? 'there' : 'away'}`)
    }
  t.end()
})

t.test('newcomers without end do not keep a flow that waits from its turn', t => {
  const queue = fairQueue<string>()
  queue.push('huge', 'huge 1', 1)
  queue.serve('huge', 'huge 1')
  queue.push('huge', 'huge 2', 1)
  let newcomers = 0
  for (; queue.head() !== 'huge 2' && newcomers < 1000; newcomers++) {
    queue.push(`${newcomers}`, `new ${newcomers}`, 1)
    const item = queue.head()
    if (item !== 'huge 2') queue.serve(`${newcomers}`, item ?? '')
    else queue.drop(`${newcomers}`, `new ${newcomers}`)
  }
  t.ok(newcomers <= 64, `after ${newcomers}`)
  t.end()
})

/** Bytes of the heap that are in use. */
const heapUsed = (): number => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

t.test('hundreds of thousands of flows that come once leave nothing behind', t => {
  const queue = fairQueue<string>()
  const serve = (count: number): number => {
    const from = performance.now()
    for (let flow = 0; flow < count; flow++) {
      const name = `${count} ${flow}`
      queue.push(name, name, 1 + (flow % 7))
      queue.serve(name, name)
      queue.charge(name, (flow % 3) - 1)
    }
    return performance.now() - from
  }
  const heap = heapUsed()
  const ms = serve(300_000)
  const grown = heapUsed() - heap
  t.ok(grown < 3e6, `${grown} bytes are kept`)
  t.equal(queue.size, 0)
  // Looking through all flows that ever came would take hours.
  t.ok(ms < 20_000, `${Math.round(ms)} ms`)
  t.end()
})

t.test('of flows that always wait none is ever ahead of another by more than a piece of each', t => {
  const cost = fc.integer({ min: 1, max: 100 })
  fc.assert(
    fc.property(fc.array(fc.array(cost, { minLength: 1 }), { minLength: 2, maxLength: 6 }), flows => {
      const queue = fairQueue<{ flow: string; cost: number }>()
      const served = new Map<string, number>()
      const push = (flow: string, turn: number) => {
        const costs = flows[Number(flow)] ?? []
        const cost = costs[turn % costs.length] ?? 1
        queue.push(flow, { flow, cost }, cost)
      }
      for (const flow of flows.keys()) for (let turn = 0; turn < 2; turn++) push(`${flow}`, turn)
      for (let turn = 2; turn < 300; turn++) {
        const item = queue.head()
        if (!item) return false
        queue.serve(item.flow, item)
        served.set(item.flow, (served.get(item.flow) ?? 0) + item.cost)
        push(item.flow, turn)
        const bytes = [...flows.keys()].map(flow => served.get(`${flow}`) ?? 0)
        if (Math.max(...bytes) - Math.min(...bytes) > 200) return false
      }
      return true
    }),
  )
  t.end()
})
