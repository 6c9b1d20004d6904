import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { groupedExit, singleExit } from '../../lib/flow/exit.js'

const make = (exitOf: typeof groupedExit, highWaterMark: number) => {
  let rooms = 0
  const stream = new Readable({
    objectMode: true,
    highWaterMark,
    read() {
      exit.read()
    },
  })
  const exit = exitOf(
    () => stream,
    () => rooms++,
  )
  return { stream, exit, rooms: () => rooms }
}

t.test('single items leave at once, until the reader has enough', async t => {
  const { stream, exit } = make(singleExit, 2)
  exit.emit(entryOf(0))
  t.notOk(exit.isFull())
  exit.emit(entryOf(1))
  t.ok(exit.isFull())
  t.match(stream.read(), { index: 0 })
  await setImmediate()
  t.notOk(exit.isFull())
  exit.end()
  t.equal((await stream.toArray()).length, 1)
})

t.test('items of one turn leave together, and those that nobody asked for wait', async t => {
  const { stream, exit, rooms } = make(groupedExit, 1)
  stream.read(0)
  for (const index of [0, 1]) exit.emit(entryOf(index))
  await setImmediate()
  t.equal(stream.readableLength, 1)
  t.equal(rooms(), 1)
  for (let index = 2; index < 258; index++) exit.emit(entryOf(index))
  await setImmediate()
  t.equal(stream.readableLength, 1, 'the reader has not taken the first')
  t.ok(exit.isFull())
  t.match(stream.read(), [{ index: 0 }, { index: 1 }])
  await setImmediate()
  t.notOk(exit.isFull())
  exit.emit(entryOf(258))
  exit.end()
  const groups = await stream.toArray()
  t.strictSame(
    groups.map(group => group.length),
    [256, 1],
  )
})
