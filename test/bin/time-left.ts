import t from 'tap'
import { timeLeft } from '../../bin/time-left.js'
import type { Progress } from '../../lib/index.js'

/** What is told when `entries` are those that have ended by each second. */
const told = (entries: readonly number[], facts: Partial<Progress> = {}): (number | undefined)[] => {
  let ms = 0
  const left = timeLeft({ now: () => ms })
  return entries.map((entries, second) => {
    ms = second * 1000
    const waiting = { cap: 0, request: 0, origin: 0, retry: 0, slot: 0 }
    return left({ total: 100, waiting, ...facts, entries } as Progress)
  })
}

const steady = (seconds: number): number[] => Array.from({ length: seconds + 1 }, (_, second) => second * 2)

t.test('the time left is that of the entries left, at the rate of the last half minute', async t => {
  t.equal(told(steady(10)).at(-1), 40_000)
  t.equal(told(steady(50)).at(-1), 0)
  const slower = [...steady(20), ...Array.from({ length: 40 }, (_, second) => 41 + second)]
  t.equal(told(slower).at(-1), 20_000, 'what was before is forgotten')
})

t.test('nothing is told where nobody can know', async t => {
  const cases: [why: string, entries: readonly number[], facts?: Partial<Progress>][] = [
    ['there are more rows', steady(10), { total: undefined }],
    ['an origin is held', steady(10), { waiting: { cap: 0, request: 0, origin: 1, retry: 0, slot: 0 } }],
    ['it has hardly begun', steady(4)],
    ['it slows down', [0, 4, 8, 12, 16, 20, 21, 22, 23, 24, 25]],
    ['it speeds up', [0, 1, 2, 3, 4, 5, 9, 13, 17, 21, 25]],
    ['it stands still', Array.from({ length: 40 }, () => 7)],
  ]
  for (const [why, entries, facts] of cases) t.equal(told(entries, facts).at(-1), undefined, why)
})
