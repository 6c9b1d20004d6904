import { getEventListeners, once } from 'node:events'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { gate } from '../../fixtures/gate.js'
import { SyncError } from '../../lib/errors.js'
import { readRows } from '../../lib/sources/read-rows.js'

type Batches = AsyncGenerator<readonly unknown[]>

/** Items of `batches`, and everything that happens to the source. */
const read = (t: Test, batches: Batches, { signal = new AbortController().signal } = {}) => {
  const faults: SyncError[] = []
  const items: unknown[] = []
  let closed = 0
  const stream = readRows(
    { batches, close: () => closed++ },
    {
      signal,
      onBroken: error => faults.push(error),
      toItem: row => {
        items.push(row)
        return { row }
      },
    },
  )
  t.teardown(() => stream.destroy())
  return { stream, faults, items, closed: () => closed }
}

/** Rows that come out in one group, where there are as many. */
const together = 128

const rowsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => first + n)

t.test('rows of all batches come out as items, in order', async t => {
  const batches = (async function* () {
    yield rowsFrom(0, 40)
    yield []
    yield rowsFrom(40, 1)
    yield rowsFrom(41, 100)
  })()
  const { stream, faults, closed } = read(t, batches)
  t.strictSame(
    (await stream.toArray()).flat(),
    rowsFrom(0, 141).map(row => ({ row })),
  )
  t.strictSame(faults, [])
  t.equal(closed(), 1)
})

t.test('a source without rows is an empty stream', async t => {
  const { stream } = read(t, (async function* () {})())
  t.strictSame((await stream.toArray()).flat(), [])
})

t.test(
  'no more rows become items than are taken, and a batch is asked for when the one before is used up',
  async t => {
    let asked = 0
    const batches = (async function* () {
      for (;;) yield rowsFrom(1000 * asked++, 1000)
    })()
    const { stream, items } = read(t, batches)
    for (const taken of [0, 2, 5]) {
      while (items.length / together - stream.readableLength < taken) {
        stream.read()
        await setImmediate()
      }
      stream.read(0)
      await setImmediate()
      t.ok(items.length <= together * (taken + 1), `${items.length} items for ${taken} groups`)
      t.equal(asked, 1)
    }
  },
)

t.test('an item is there while the source is still silent about the next', async t => {
  const next = gate()
  const batches = (async function* () {
    yield [1]
    await next.promise
    yield [2]
  })()
  const { stream } = read(t, batches)
  const iterator = stream[Symbol.asyncIterator]()
  t.match(await iterator.next(), { value: [{ row: 1 }] })
  next.open()
  t.match(await iterator.next(), { value: [{ row: 2 }] })
  t.match(await iterator.next(), { done: true })
})

t.test('everything before a fault is delivered, and the fault is told', async t => {
  const own = new SyncError('ERR_MANIFEST', 'truncated', { offset: 7 })
  const cases: [thrown: unknown, expected: object][] = [
    [own, own],
    [new Error('unplugged'), { code: 'ERR_MANIFEST', message: 'the manifest cannot be read: unplugged' }],
    [
      new SyncError('ERR_NETWORK', 'reset'),
      { code: 'ERR_MANIFEST', message: 'the manifest cannot be read: reset' },
    ],
    ['nonsense', { code: 'ERR_MANIFEST', message: 'the manifest cannot be read: nonsense' }],
  ]
  for (const [thrown, expected] of cases) {
    const batches = (async function* () {
      yield rowsFrom(0, 20)
      throw thrown
    })()
    const { stream, faults } = read(t, batches)
    t.equal((await stream.toArray()).flat().length, 20)
    t.match(faults, [expected])
  }
})

t.test(
  'an abort ends the reading of a source that never speaks again, and what was read comes out',
  async t => {
    const halt = new AbortController()
    const batches = (async function* () {
      yield [1, 2]
      await new Promise(() => {})
    })()
    const { stream, faults, items, closed } = read(t, batches, { signal: halt.signal })
    await new Promise(resolve => stream.once('readable', resolve))
    halt.abort()
    t.equal(closed(), 1)
    t.strictSame((await stream.toArray()).flat(), [{ row: 1 }, { row: 2 }])
    t.strictSame(items, [1, 2])
    t.strictSame(faults, [], 'that it was ended is no fault of the source')
    t.equal(getEventListeners(halt.signal, 'abort').length, 0)
  },
)

t.test('rows that were not taken before the abort were never read', async t => {
  const halt = new AbortController()
  const batches = (async function* () {
    yield rowsFrom(0, 1000)
  })()
  const { stream, items } = read(t, batches, { signal: halt.signal })
  await new Promise(resolve => stream.once('readable', resolve))
  halt.abort()
  t.equal((await stream.toArray()).flat().length, items.length)
  t.equal(items.length, together)
})

t.test('an abort in the midst of a batch ends it there', async t => {
  const halt = new AbortController()
  const batches = (async function* () {
    yield rowsFrom(0, 1000)
  })()
  const { stream, items } = read(t, batches, { signal: halt.signal })
  const taken: unknown[] = []
  stream.on('data', group => {
    taken.push(...group)
    if (taken.length === 3 * together) halt.abort()
  })
  await once(stream, 'end')
  t.equal(taken.length, items.length)
  t.ok(items.length <= 4 * together)
})

t.test('after an abort before the beginning nothing is read', async t => {
  const batches = (async function* () {
    yield t.fail('it is read')
  })() as never as Batches
  const { stream, closed } = read(t, batches, { signal: AbortSignal.abort() })
  t.strictSame((await stream.toArray()).flat(), [])
  t.equal(closed(), 1)
})

t.test('what a source throws because it was closed is no fault', async t => {
  const halt = new AbortController()
  const silent = new Readable({ read() {} })
  const batches = (async function* () {
    for await (const row of silent) yield [row]
  })()
  const faults: unknown[] = []
  const stream = readRows(
    { batches, close: () => void silent.destroy() },
    { signal: halt.signal, onBroken: error => faults.push(error), toItem: row => row },
  )
  const all = stream.toArray()
  await setImmediate()
  halt.abort()
  t.strictSame(await all, [])
  await setImmediate()
  t.strictSame(faults, [])
})

t.test('destroying the stream closes the source and forgets the signal', async t => {
  const { signal } = new AbortController()
  let returned = false
  const batches = (async function* () {
    try {
      for (;;) yield [1]
    } finally {
      returned = true
    }
  })()
  const { stream, closed } = read(t, batches, { signal })
  await new Promise(resolve => stream.once('readable', resolve))
  stream.destroy()
  await setImmediate()
  t.equal(closed(), 1)
  t.ok(returned)
  t.equal(getEventListeners(signal, 'abort').length, 0)
})
