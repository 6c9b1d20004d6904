import t from 'tap'
import { baseSegmentBytes } from '../../lib/rate/base-segment.js'

const kib = 1024
const mbit = 1e6 / 8

t.test('a segment is 10 to 20 ms of the cap, and never less than 32 KiB', t => {
  const cases: [number, number][] = [
    [1, 32 * kib],
    [10 * mbit, 32 * kib],
    [26 * mbit, 32 * kib],
    [27 * mbit, 48 * kib],
    [50 * mbit, 64 * kib],
    [100 * mbit, 128 * kib],
    [1000 * mbit, 1232 * kib],
  ]
  for (const [cap, bytes] of cases) t.equal(baseSegmentBytes(cap), bytes, `${cap / mbit} Mbit/s`)
  t.end()
})

t.test('for every cap the bounds hold', t => {
  for (let cap = 1000; cap < 1e10; cap *= 1.07) {
    const bytes = baseSegmentBytes(cap)
    t.ok(bytes >= cap * 0.01 && (bytes <= cap * 0.02 || bytes === 32 * kib), `${cap} B/s: ${bytes}`)
  }
  t.end()
})

t.test('without a cap there is no end to a segment', t => {
  t.equal(baseSegmentBytes(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)
  t.end()
})
