import { once } from 'node:events'
import { Transform, Writable } from 'node:stream'
import t from 'tap'
import { flowInto } from '../../lib/http/flow-into.js'

/** A Writable that takes one chunk at a time, each when `take` says so. */
const slowWritable = () => {
  const chunks: string[] = []
  let waiting: (() => void) | undefined
  const into = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, callback) {
      chunks.push(String(chunk))
      waiting = callback
      into.emit('taken')
    },
  })
  return { into, chunks, take: () => waiting?.() }
}

const upperCase = () =>
  new Transform({ transform: (chunk, _encoding, callback) => callback(null, String(chunk).toUpperCase()) })

const suffix = (text: string) =>
  new Transform({ transform: (chunk, _encoding, callback) => callback(null, `${chunk}${text}`) })

const failing = () =>
  new Transform({ transform: (_chunk, _encoding, callback) => callback(new Error('broken')) })

t.test('without Transforms the body goes straight in', async t => {
  const { into, chunks } = slowWritable()
  const flow = flowInto({ into })
  t.equal(flow.entry, into)
  flow.entry.write('a')
  await flow.end()
  await flow.destroy(new Error('cut off'))
  t.strictSame(chunks, ['a'])
  t.notOk(into.destroyed)
})

t.test('a body flows through the Transforms in order, and its end is not that of the Writable', async t => {
  const chunks: string[] = []
  const into = new Writable({
    write(chunk, _encoding, callback) {
      chunks.push(String(chunk))
      callback()
    },
  })
  for (const body of ['a', 'b']) {
    const flow = flowInto({ into, through: [upperCase(), suffix('z')] })
    flow.entry.write(body)
    await flow.end()
  }
  t.strictSame(chunks, ['Az', 'Bz'])
  t.notOk(into.writableEnded)
})

t.test('the end of a body is when all of it was taken', async t => {
  const { into, chunks, take } = slowWritable()
  const flow = flowInto({ into, through: [upperCase()] })
  const taken = once(into, 'taken')
  flow.entry.write('a')
  let isOver = false
  const ended = flow.end().then(() => {
    isOver = true
  })
  await taken
  t.notOk(isOver)
  take()
  await ended
  t.strictSame(chunks, ['A'])
})

t.test(
  'what a Transform throws comes out at the entry and at the end, and leaves the Writable alive',
  async t => {
    for (const through of [[failing()], [upperCase(), failing()]]) {
      const { into, chunks } = slowWritable()
      const flow = flowInto({ into, through })
      const failed = once(flow.entry, 'error')
      flow.entry.write('a')
      t.match(await failed, [{ message: 'broken' }])
      await t.rejects(flow.end(), { message: 'broken' })
      t.strictSame(chunks, [])
      t.notOk(into.destroyed)
    }
  },
)

t.test('what the Writable throws ends the flow', async t => {
  const into = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error('disk full')) })
  into.on('error', () => {})
  const flow = flowInto({ into, through: [upperCase()] })
  const failed = once(flow.entry, 'error')
  flow.entry.write('a')
  t.match(await failed, [{ message: 'disk full' }])
  await t.rejects(flow.end(), { message: 'disk full' })
})

t.test('a body that is cut off writes nothing more', async t => {
  const { into, chunks, take } = slowWritable()
  const flow = flowInto({ into, through: [upperCase()] })
  flow.entry.on('error', () => {})
  const taken = once(into, 'taken')
  flow.entry.write('a')
  flow.entry.write('b')
  await taken
  await flow.destroy(new Error('cut off'))
  take()
  await t.rejects(flow.end(), { message: 'cut off' })
  t.strictSame(chunks, ['A'])
  t.notOk(into.destroyed)
})

t.test('however many bodies flow into a Writable, they leave no listener behind', async t => {
  const into = new Writable({ write: (_chunk, _encoding, callback) => callback() })
  const count = () => into.eventNames().reduce((sum, name) => sum + into.listenerCount(name), 0)
  const before = count()
  for (let body = 0; body < 20; body++) {
    const flow = flowInto({ into, through: [upperCase()] })
    flow.entry.on('error', () => {})
    flow.entry.write('a')
    await (body % 2 ? flow.end() : flow.destroy(new Error('cut off')))
  }
  t.equal(count(), before)
})
