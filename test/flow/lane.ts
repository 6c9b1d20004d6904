import t from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { type Lane, openLanes } from '../../lib/flow/lane.js'
import { newGauge } from '../../lib/gauge.js'

const make = (concurrency: number, perOrigin = concurrency) => {
  const gauge = newGauge()
  const lanes = openLanes({ concurrency, perOrigin: () => perOrigin, gauge })
  const started: number[] = []
  const running: Lane[] = []
  const startNext = (lane: Lane): boolean => {
    const next = lanes.hasSlot(lane) ? lane.waiting.shift() : undefined
    if (!next) return false
    lanes.enter(lane)
    running.push(lane)
    started.push(next.index)
    return true
  }
  return { ...lanes, gauge, started, running, startNext }
}

t.test('lanes start one entry each in turn, as many as there are slots', t => {
  const { add, inTurn, startNext, started, gauge, running, leave, end } = make(4, 2)
  for (const index of [0, 1, 2]) add(entryOf(index, { host: 'a.test' }))
  for (const index of [3, 4]) add(entryOf(index, { host: 'b.test' }))
  inTurn(startNext)
  t.strictSame(started, [0, 3, 1, 4])
  t.match(gauge, { entries: 5, running: 4 })
  const [first] = running
  if (first) leave(first)
  if (first) end(first)
  inTurn(startNext)
  t.strictSame(started, [0, 3, 1, 4, 2])
  t.match(gauge, { entries: 4, running: 4 })
  t.end()
})

t.test('a single lane goes on while it can', t => {
  const { add, inTurn, startNext, started } = make(3)
  for (let index = 0; index < 5; index++) add(entryOf(index))
  inTurn(startNext)
  t.strictSame(started, [0, 1, 2])
  t.end()
})
