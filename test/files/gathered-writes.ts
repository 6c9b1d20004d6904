import t from 'tap'
import { gate } from '../../fixtures/gate.js'
import { gatheredWrites } from '../../lib/files/gathered-writes.js'

const make = (gatherMs: number, write = async () => {}) => {
  const written: string[][] = []
  const writes = gatheredWrites({
    gatherMs,
    write(records) {
      written.push([...records.keys()])
      return write()
    },
  })
  return { written, ...writes }
}

t.test('what is put within a moment is written together, and found meanwhile', async t => {
  const { put, find, flushed, written } = make(20)
  await put('first', '1')
  t.strictSame(written, [['first']], 'the first at once')
  t.equal(flushed(), undefined)
  const puts = [put('a', '1'), put('b', '2'), put('a', '3')]
  t.equal(find('a'), '3')
  await flushed()
  t.strictSame(written, [['first'], ['a', 'b']])
  await Promise.all(puts)
  t.equal(find('a'), undefined)
})

t.test('one write is under way at a time, and a failure is told to those whose write it was', async t => {
  const { promise, shut } = gate()
  let calls = 0
  const { put, find, written } = make(0, async () => (calls++ === 0 ? promise : undefined))
  const lost = put('a', '1')
  await Promise.resolve()
  await Promise.resolve()
  const kept = put('b', '2')
  t.strictSame(written, [['a']])
  t.equal(find('a'), '1', 'while it is on its way')
  shut(new Error('full'))
  await t.rejects(lost, { message: 'full' })
  await kept
  t.strictSame(written, [['a'], ['b']])
})

t.test('in a hurry nothing is waited for', async t => {
  const { put, hurry, written } = make(100_000)
  await put('a', '1')
  hurry()
  await put('b', '2')
  t.strictSame(written, [['a'], ['b']])
})
