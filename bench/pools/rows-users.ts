import { clocksOf, noRates } from '../../lib/pool/limits.js'
import * as figures from './figures.js'
import type { Figure, Row } from './rows.js'
import type { Scenario, Stage } from './scenario.js'

/** 31 actors of one user and one of another. */
const uneven = (rate: number, weight = 1): Scenario => ({
  rate,
  crews: [
    { count: 31, user: 'many' },
    { count: 1, user: 'one', weight },
  ],
  seconds: 8,
})

const shareOfOne = (weight: number): Figure => ({
  name: 'of the one, times the 31',
  of: figures.shareOf(1, 0, 1000),
  digits: 3,
  atLeast: weight * 0.98,
  atMost: weight * 1.02,
})

const newcomer = (rate: number, atMost: number): Row => ({
  test: 7,
  name: `a user comes where 31 actors of another draw, ${rate}/s`,
  scenario: {
    rate,
    crews: [
      { count: 31, user: 'many' },
      { count: 1, user: 'new', from: 3.1 },
    ],
    seconds: 6,
  },
  figures: [{ ...figures.firstDrawOf(1), atMost }],
  others: ['bottleneck', 'turns'],
})

/** Counts the draws of the crew that has a quota. */
const drawn: Figure = {
  name: 'requests in all, of a quota of 600',
  of: ({ emissions }) => emissions.length,
  atMost: 600,
  atLeast: 600,
}

const restart = ({ redis }: Stage) => redis.restart({ how: 'shutdown', isKept: true, ms: 300 })

/** Users who were granted one request each, and whose records last. */
const registered = 10_000

const register = async ({ keeper, redis, mark }: Stage): Promise<void> => {
  const { call } = await keeper()
  const own = clocksOf({ ...noRates, requestsPerSecond: 1000 })
  const pool = clocksOf({ ...noRates, requestsPerSecond: 100_000 })
  const terms = { pool, user: own, quotas: [], lookAhead: 1_000_000, lead: 0, fence: 0 }
  const order = { cost: { requests: 1, units: 0, bytes: 0 }, count: 1, weight: 1, standing: false }
  const before = (await redis.cost()).bytes
  const atOnce = 50
  for (let first = 0; first < registered; first += atOnce)
    await Promise.all(
      Array.from({ length: atOnce }, (_, index) => {
        const user = `user-${first + index}`
        return call({ kind: 'request', actor: user, user, order, terms })
      }),
    )
  mark('bytes', ((await redis.cost()).bytes - before) / registered)
}

/** What is measured of users that share a limit, and of what one may have at most. */
export const userRows: readonly Row[] = [
  ...[200, 1000].map(rate => ({
    test: 6,
    name: `31 actors of one user and 1 of another, ${rate}/s`,
    scenario: uneven(rate),
    figures: [shareOfOne(1), figures.over, figures.used],
    others: ['bottleneck', 'turns'] as const,
  })),
  {
    test: 6,
    name: 'the same, the one with weight 3',
    scenario: uneven(1000, 3),
    figures: [shareOfOne(3), figures.over],
  },
  newcomer(10, 120 + 105),
  newcomer(200, 50),
  {
    test: 10,
    name: 'one user limited to 20/s, 200/s',
    scenario: {
      rate: 200,
      crews: [
        { count: 4, user: 'limited', userRate: 20 },
        { count: 4, user: 'other' },
      ],
      seconds: 8,
    },
    figures: [
      {
        name: 'a second for the limited user',
        of: figures.rateOfCrew(0, 500),
        digits: 2,
        atLeast: 19.8,
        atMost: 20,
      },
      { ...figures.used, atLeast: 98.4 },
      figures.over,
    ],
  },
  {
    test: 11,
    name: 'a quota, 200/s',
    scenario: { rate: 200, crews: [{ count: 8, quota: 600 }], seconds: 6 },
    figures: [drawn],
  },
  {
    test: 11,
    name: 'a quota, and Redis restarted with what it knew',
    scenario: {
      rate: 200,
      crews: [{ count: 8, quota: 600 }],
      seconds: 8,
      acts: [{ at: 1.5, says: 'restart', does: restart }],
    },
    figures: [drawn],
  },
  {
    test: 17,
    name: '10,000 users, 100 of them active, 1000/s',
    scenario: {
      rate: 1000,
      crews: [{ count: 100, user: index => `active-${index}` }],
      seconds: 6,
      before: register,
    },
    figures: [
      { name: 'bytes for each user', of: ({ marks }) => marks.get('bytes') ?? Number.NaN, atMost: 300 },
      figures.p99InRedis,
      figures.p99OfCalls,
      figures.over,
      figures.used,
    ],
  },
]
