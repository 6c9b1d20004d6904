import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { gate } from '../../fixtures/gate.js'
import { type ParallelOptions, parallel, type SettledStage } from '../../lib/flow/parallel.js'
import { newGauge } from '../../lib/gauge.js'
import { type Item, isOutcome, unchanged } from '../../lib/outcome.js'

const settled = (item: Item): Item => (isOutcome(item) ? item : unchanged(item, 'exists'))

/** Lets turns of the event loop pass. */
const pass = async (turns: number): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) await setImmediate()
}

/** A stage whose entries end when they are told to; what they do, in order. */
const stagedBy = (options: ParallelOptions) => {
  const events: string[] = []
  const entries = new Map<number, { end(): void; rest(wait: Promise<void>): Promise<void> }>()
  const stage: SettledStage = (item, work) =>
    new Promise(resolve => {
      events.push(`start ${item.index}`)
      entries.set(item.index, {
        end: () => resolve(settled(item)),
        async rest(wait) {
          events.push(`rest ${item.index}`)
          await work.rest(() => wait).catch(() => events.push(`give up ${item.index}`))
          events.push(`back ${item.index}`)
        },
      })
    })
  const stream = parallel(stage, options)
  stream.on('data', ({ index }: Item) => events.push(`end ${index}`))
  const entry = (index: number) => {
    const found = entries.get(index)
    if (!found) throw new Error(`entry ${index} has not started`)
    return found
  }
  return {
    stream,
    /** What has happened since it was last asked. */
    async events() {
      await setImmediate()
      return events.splice(0)
    },
    write: (index: number, host?: string) => stream.write(entryOf(index, host ? { host } : {})),
    end: (index: number) => entry(index).end(),
    /** The entry rests until the function that comes back is called. */
    rest(index: number) {
      const { promise, open, shut } = gate()
      void entry(index).rest(promise)
      return { resolve: open, reject: () => shut(new Error('in vain')) }
    },
  }
}

t.test('limits under which nothing could start are refused', async t => {
  for (const options of [{ concurrency: 0 }, { concurrency: Number.NaN }, { concurrency: 1, lookAhead: 0 }])
    t.throws(() => parallel(settled, options), {
      code: 'ERR_OPTION',
      message: /: expected .* at least 1, got/,
    })
})

t.test('an origin under whose limit nothing could start ends the stream', async t => {
  for (const limit of [0, Number.NaN, undefined as unknown as number]) {
    const stream = parallel(item => item, { concurrency: 1, perOrigin: () => limit })
    stream.write(entryOf(0))
    const [error] = await once(stream, 'error')
    t.match(error, { code: 'ERR_OPTION', message: /^perOrigin: / }, String(limit))
  }
})

t.test('entries start in the order they came, and a busy origin lets those of others pass', async t => {
  const { stream, events, write, end } = stagedBy({ concurrency: 3, perOrigin: () => 2, lookAhead: 10 })
  for (const index of [0, 1, 2, 3]) write(index, 'a.test')
  write(4, 'b.test')
  write(5, 'c.test')
  stream.end()
  t.strictSame(await events(), ['start 0', 'start 1', 'start 4'])
  end(1)
  t.strictSame(await events(), ['end 1', 'start 2'])
  end(4)
  t.strictSame(await events(), ['end 4', 'start 5'])
  end(0)
  t.strictSame(await events(), ['end 0', 'start 3'])
  for (const index of [2, 3, 5]) end(index)
  await once(stream, 'end')
})

t.test('origins take turns, however many entries one of them has', async t => {
  const { stream, events, write, end } = stagedBy({ concurrency: 1, lookAhead: 10 })
  for (const index of [0, 1, 2, 3]) write(index, 'a.test')
  for (const index of [4, 5]) write(index, 'b.test')
  stream.end()
  const turns = [0, 1, 4, 2, 5, 3]
  const order: string[] = []
  for (const index of turns) {
    order.push(...(await events()))
    end(index)
  }
  t.strictSame(
    order.filter(event => event.startsWith('start')),
    turns.map(index => `start ${index}`),
  )
})

t.test('an entry that rests gives its slot away and comes back before fresh ones', async t => {
  const { stream, events, write, end, rest } = stagedBy({ concurrency: 1, lookAhead: 10 })
  for (const index of [0, 1, 2]) write(index)
  stream.end()
  t.strictSame(await events(), ['start 0'])
  const { resolve } = rest(0)
  t.strictSame(await events(), ['rest 0', 'start 1'])
  resolve()
  t.strictSame(await events(), [], 'there is no slot for it yet')
  end(1)
  t.strictSame(await events(), ['end 1', 'back 0'])
  end(0)
  t.strictSame(await events(), ['end 0', 'start 2'])
  end(2)
  await once(stream, 'end')
})

t.test('the gauge says at any time how many there are, and how many of them hold a slot', async t => {
  const gauge = newGauge()
  const { stream, write, end, rest } = stagedBy({ concurrency: 2, perOrigin: () => 1, lookAhead: 10, gauge })
  t.strictSame(gauge, newGauge())
  for (const index of [0, 1, 2]) write(index, 'a.test')
  write(3, 'b.test')
  t.match(gauge, { entries: 4, running: 2 })
  const { resolve } = rest(3)
  t.match(gauge, { entries: 4, running: 1 }, 'whoever rests holds none')
  resolve()
  await pass(1)
  t.match(gauge, { entries: 4, running: 2 })
  stream.end()
  for (const index of [0, 3, 1, 2]) {
    end(index)
    await pass(1)
  }
  t.strictSame(gauge, newGauge(), 'in the end there are none')
})

t.test('the stream does not end while an entry rests, and a free slot is taken at once', async t => {
  const { stream, events, write, end, rest } = stagedBy({ concurrency: 2 })
  write(0)
  const { resolve } = rest(0)
  stream.end()
  t.strictSame(await events(), ['start 0', 'rest 0'])
  t.equal(stream.readableEnded, false)
  resolve()
  t.strictSame(await events(), ['back 0'])
  end(0)
  await once(stream, 'end')
})

t.test('an entry that waited in vain settles without waiting for a slot', async t => {
  const { stream, events, write, end, rest } = stagedBy({ concurrency: 1, lookAhead: 10 })
  for (const index of [0, 1, 2]) write(index)
  stream.end()
  const { reject } = rest(0)
  await events()
  reject()
  t.strictSame(await events(), ['give up 0', 'back 0'])
  end(0)
  t.strictSame(await events(), ['end 0'], 'it does not give a slot back that it does not have')
  end(1)
  t.strictSame(await events(), ['end 1', 'start 2'])
  end(2)
  await once(stream, 'end')
})

t.test(
  'no more is read than the look-ahead has room for, whether entries wait, rest or come back',
  async t => {
    const lookAhead = 5
    const { stream, events, write, rest, end } = stagedBy({ concurrency: 2, perOrigin: () => 1, lookAhead })
    for (let index = 0; index < 20; index++) write(index)
    const unread = () => stream.writableLength
    t.strictSame(await events(), ['start 0'])
    const before = unread()
    t.equal(before, 20 - lookAhead, 'one runs, and the last in the look-ahead is not acknowledged')
    const resting = [rest(0)]
    t.strictSame(await events(), ['rest 0', 'start 1'])
    resting.push(rest(1))
    t.strictSame(await events(), ['rest 1', 'start 2'])
    t.equal(unread(), before, 'who rests counts')
    for (const { resolve } of resting) resolve()
    t.strictSame(await events(), [])
    t.equal(unread(), before, 'who waits to come back counts')
    end(2)
    t.strictSame(await events(), ['end 2', 'back 0'])
    t.equal(unread(), before - 1)
    stream.destroy()
  },
)

t.test('nothing starts while outcomes are not taken, and outcomes pass by without a slot', async t => {
  const started: number[] = []
  const stream = parallel(
    item => {
      started.push(item.index)
      return settled(item)
    },
    { concurrency: 4 },
  )
  const { readableHighWaterMark } = stream
  const items = Array.from({ length: 100 }, (_, index) =>
    index % 2 ? entryOf(index) : unchanged(entryOf(index), 'exists'),
  )
  const flowing = pipeline(Readable.from(items), stream)
  await setImmediate()
  t.equal(started.length, readableHighWaterMark / 2)
  const outcomes = await stream.toArray()
  await flowing
  t.strictSame(
    outcomes.map(({ index }) => index),
    items.map(({ index }) => index),
  )
  t.equal(started.length, 50)
})

t.test('what waits does not start while outcomes are not taken', async t => {
  let started = 0
  const stream = parallel(
    async item => {
      started++
      return settled(item)
    },
    { concurrency: 4, lookAhead: 1000 },
  )
  for (let index = 0; index < 500; index++) stream.write(entryOf(index))
  stream.end()
  await pass(100)
  t.ok(started <= stream.readableHighWaterMark + 4, `${started} have started`)
  t.equal((await stream.toArray()).length, 500)
})

t.test('stages that end at once do not pile up on the stack', async t => {
  const entries = 20_000
  const first = gate()
  const stage: SettledStage = item =>
    item.index === 0 ? first.promise.then(() => settled(item)) : settled(item)
  const stream = parallel(stage, { concurrency: 1, lookAhead: entries })
  let ended = 0
  stream.on('data', () => ended++)
  for (let index = 0; index < entries; index++) stream.write(entryOf(index))
  stream.end()
  await pass(2)
  first.open()
  await once(stream, 'end')
  t.equal(ended, entries)
})

for (const [how, stage] of Object.entries({
  throws: () => {
    throw new Error('a bug')
  },
  rejects: () => Promise.reject(new Error('a bug')),
}) as [string, SettledStage][])
  t.test(`a stage that ${how} in spite of all ends the stream`, async t => {
    const stream = parallel(stage, { concurrency: 2 })
    await t.rejects(pipeline(Readable.from([entryOf(0), entryOf(1)]), stream), { message: 'a bug' })
  })

t.test('once the stream is destroyed nothing new starts, and what rests comes back to clean up', async t => {
  const { stream, events, write, end, rest } = stagedBy({ concurrency: 1, lookAhead: 10 })
  for (const index of [0, 1]) write(index)
  await events()
  stream.destroy()
  await once(stream, 'close')
  const { resolve } = rest(0)
  t.strictSame(await events(), ['rest 0'])
  resolve()
  t.strictSame(await events(), ['back 0'])
  end(0)
  t.strictSame(await events(), [])
})

/** What an entry does in its time: turns of the event loop that it runs, and between them rests, maybe in vain. */
type Life = { host: number; turns: readonly number[]; inVain: boolean }

const life: fc.Arbitrary<Life> = fc.record({
  host: fc.nat(3),
  turns: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
  inVain: fc.boolean(),
})

t.test('whatever happens, limits hold, the order of starts is kept and every entry comes out once', () => {
  const property = fc.asyncProperty(
    fc.array(life, { maxLength: 60 }),
    fc.record({ concurrency: fc.integer({ min: 1, max: 5 }), perOrigin: fc.integer({ min: 1, max: 5 }) }),
    fc.integer({ min: 1, max: 20 }),
    fc.nat(2),
    async (lives, { concurrency, perOrigin }, lookAhead, slowness) => {
      const running = new Map<number, number>()
      const starts = new Map<number, number[]>()
      let inAll = 0
      let worst = 0
      let worstOfOrigin = 0
      const add = (host: number, by: number) => {
        inAll += by
        running.set(host, (running.get(host) ?? 0) + by)
        worst = Math.max(worst, inAll)
        worstOfOrigin = Math.max(worstOfOrigin, running.get(host) ?? 0)
      }
      const stage: SettledStage = (item, work) => {
        const { host, turns, inVain } = lives[item.index] as Life
        starts.set(host, [...(starts.get(host) ?? []), item.index])
        add(host, 1)
        const [first = 0, ...others] = turns
        if (turns.length === 1 && first === 0) {
          add(host, -1)
          return settled(item)
        }
        const live = async () => {
          await pass(first)
          for (const [position, turn] of others.entries()) {
            add(host, -1)
            const isVain = inVain && position === others.length - 1
            try {
              await work.rest(() => pass(turn).then(() => (isVain ? Promise.reject(isVain) : undefined)))
            } catch {
              return settled(item)
            }
            add(host, 1)
            await pass(turn)
          }
          add(host, -1)
          return settled(item)
        }
        return live()
      }
      const stream = parallel(stage, { concurrency, perOrigin: () => perOrigin, lookAhead })
      const flowing = pipeline(
        Readable.from(lives.map(({ host }, index) => entryOf(index, { host: `${host}.test` }))),
        stream,
      )
      const ends: number[] = []
      for await (const { index } of stream) {
        ends.push(index)
        await pass(slowness)
      }
      await flowing
      const indexes = lives.map((_, index) => index)
      const byOrigin = [...starts.values()]
      return (
        worst <= concurrency &&
        worstOfOrigin <= perOrigin &&
        inAll === 0 &&
        String(ends.sort((a, b) => a - b)) === String(indexes) &&
        byOrigin.every(started => String(started) === String(started.toSorted((a, b) => a - b)))
      )
    },
  )
  return fc.assert(property, { numRuns: 300 })
})

t.test('groups come in, and what has ended until somebody asks goes out together', async t => {
  const ends: (() => void)[] = []
  const stage: SettledStage = item => new Promise(resolve => ends.push(() => resolve(settled(item))))
  const stream = parallel(stage, { concurrency: 10, lookAhead: 3, grouped: true })
  let isTaken = false
  stream.write([0, 1, 2, 3].map(index => entryOf(index)))
  stream.write(
    Array.from({ length: 20 }, (_, index) => entryOf(4 + index)),
    () => {
      isTaken = true
    },
  )
  t.equal(ends.length, 10)
  const next = once(stream, 'data') as Promise<[Item[]]>
  for (const index of [3, 1, 2]) ends[index]?.()
  t.strictSame(
    (await next)[0].map(({ index }) => index),
    [3, 1, 2],
  )
  stream.pause()
  t.equal(ends.length, 13, 'the free slots were taken')
  t.notOk(isTaken, 'the rest of the group waits outside of the look-ahead')
  for (let index = 0; index < 24; index++) {
    ends[index]?.()
    await pass(1)
  }
  stream.end()
  t.ok(isTaken)
  const rest = (await stream.toArray()) as Item[][]
  t.equal(rest.flat().length, 21)
})

t.test('a reader of groups who takes none is not run away from', async t => {
  const stream = parallel(settled, { concurrency: 10, lookAhead: 10, grouped: true })
  const all = Array.from({ length: 2000 }, (_, index) => entryOf(index))
  let isTaken = false
  stream.write(all, () => {
    isTaken = true
  })
  await pass(3)
  t.notOk(isTaken)
  stream.end()
  const groups = (await stream.toArray()) as Item[][]
  t.strictSame(
    groups.flat().map(({ index }) => index),
    all.map(({ index }) => index),
  )
  t.ok(groups.every(({ length }) => length <= 256))
})
