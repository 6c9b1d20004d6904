import * as figures from './figures.js'
import type { Row } from './rows.js'
import type { Scenario } from './scenario.js'

const { over, used, fairness, mostInSecond } = figures

/** So many actors of one user. */
export const crowd = (count: number, rate: number, more: Partial<Scenario> = {}): Scenario => ({
  rate,
  crews: [{ count }],
  seconds: 7,
  ...more,
})

const all = [over, mostInSecond, used, fairness]
/** Where each has too few to be compared. */
const few = [over, mostInSecond, used]
const others = ['bottleneck', 'turns'] as const

/** What is measured of everybody as long as nothing happens. */
export const steadyRows: readonly Row[] = [
  { test: 1, name: '8 actors, 10/s', scenario: crowd(8, 10, { seconds: 10 }), figures: few, others },
  { test: 1, name: '2 actors, 200/s', scenario: crowd(2, 200), figures: all, others },
  { test: 1, name: '8 actors, 200/s', scenario: crowd(8, 200), figures: all, others },
  { test: 1, name: '32 actors, 200/s', scenario: crowd(32, 200, { seconds: 10 }), figures: all, others },
  {
    test: 1,
    name: '8 actors, 1000/s',
    scenario: crowd(8, 1000),
    figures: [...all, figures.callsPerDraw, figures.redisCpu, figures.actorsCpu],
    others,
  },
  { test: 1, name: '32 actors, 1000/s', scenario: crowd(32, 1000), figures: all, others },
  { test: 1, name: '128 actors, 1000/s', scenario: crowd(128, 1000, { seconds: 10 }), figures: all, others },
  { test: 1, name: '8 actors, 5000/s', scenario: crowd(8, 5000), figures: all, others },
  { test: 4, name: '8 actors, 20,000/s', scenario: crowd(8, 20_000), figures: few, others },
  {
    test: 4,
    name: '8 actors, 200/s, 5 ms away',
    scenario: crowd(8, 200, { roundTripMs: 5 }),
    figures: all,
    others,
  },
  {
    test: 4,
    name: '8 actors, 1000/s, 5 ms away',
    scenario: crowd(8, 1000, { roundTripMs: 5 }),
    figures: all,
    others,
  },
  {
    test: 4,
    name: '8 actors, 5000/s, 5 ms away',
    scenario: crowd(8, 5000, { roundTripMs: 5 }),
    figures: few,
    others,
  },
  {
    test: 4,
    name: '8 actors, 5000/s, 40 ms away',
    scenario: crowd(8, 5000, { roundTripMs: 40 }),
    figures: few,
    others,
  },
  ...[200, 1000].map(rate => ({
    test: 2,
    name: `8 actors, ${rate}/s, as HTTP requests`,
    scenario: crowd(8, rate, { hasReceiver: true }),
    figures: [figures.overAtReceiver, used],
    others,
  })),
  ...[200, 1000].map(rate => ({
    test: 15,
    name: `8 actors, ${rate}/s, no pub/sub`,
    scenario: crowd(8, rate, { isDeaf: true }),
    figures: all,
  })),
  ...[200, 5000].map(rate => ({
    test: 1,
    name: `8 actors, ${rate}/s, over a socket`,
    scenario: crowd(8, rate, { isOnSocket: true }),
    figures: all,
  })),
]
