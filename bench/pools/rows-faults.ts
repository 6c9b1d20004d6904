import { within } from './emissions.js'
import * as figures from './figures.js'
import type { Figure, Row } from './rows.js'
import { crowd } from './rows-steady.js'
import type { Act, Observed, Scenario, Stage } from './scenario.js'

const { over, gapAfter, usedFrom, usedIn, lookAheadMs, latestMs } = figures
const both = ['bottleneck', 'turns'] as const

/** Milliseconds between two of them. */
const every = (rate: number): number => (1000 * 1.006) / rate

const join = (rate: number): Row => ({
  test: 8,
  name: `an actor more joins 8, ${rate}/s`,
  scenario: {
    rate,
    crews: [{ count: 8 }, { count: 1, from: 3, isLate: true }],
    seconds: 6,
    acts: [{ at: 3, says: 'join', does: async () => {} }],
  },
  figures: [{ ...gapAfter('join'), atMost: 2 * every(rate) + latestMs }, figures.firstDrawOf(1), over],
  others: both,
})

/** A batch of each of the dead, and what is granted ahead. */
const gapOfDead = (rate: number): number => {
  const batch = Math.max(1, Math.floor(5 / every(rate)))
  return lookAheadMs + 3 * batch * every(rate)
}

const kill = (rate: number): Row => ({
  test: 9,
  name: `kill -9 of 2 of 8 actors, ${rate}/s`,
  scenario: crowd(8, rate, { acts: [{ at: 3, says: 'kill -9', does: stage => stage.kill(2) }] }),
  figures: [
    { ...gapAfter('kill -9'), atMost: gapOfDead(rate) },
    ...(rate >= 200 ? [usedIn('kill -9'), usedFrom('kill -9', 1000, 2000)] : []),
    over,
  ],
  others: both,
})

/** Milliseconds for which nothing is granted. */
const pausedMs = 1000

const pause: Act = {
  at: 3,
  says: 'pause',
  async does({ keeper, mark }) {
    const { call } = await keeper()
    mark('paused')
    await call({ kind: 'pause', us: pausedMs * 1000, cut: false })
    mark('answered')
  },
}

const pausedAt = ({ marks }: Observed): number => marks.get('paused') ?? Number.NaN
const leaked = (observed: Observed) =>
  within(observed.emissions, pausedAt(observed), pausedAt(observed) + pausedMs / 2)

const paused = (rate: number, more: Partial<Scenario>, says: string, lastWithin: number): Row => ({
  test: 12,
  name: `a pause of 1 s, ${rate}/s${says}`,
  scenario: crowd(8, rate, { acts: [pause], seconds: 6, ...more }),
  figures: [
    {
      name: 'requests after it was asked for',
      of: observed => leaked(observed).length,
      ...(more.isDeaf ? {} : { atMost: 5 }),
    },
    {
      name: 'the last of them after',
      of: observed => (leaked(observed).at(-1)?.at ?? pausedAt(observed)) - pausedAt(observed),
      digits: 1,
      unit: ' ms',
      atMost: lastWithin,
    },
    {
      name: 'the first afterwards, from the end of it',
      of(observed) {
        const end = pausedAt(observed) + pausedMs
        return (observed.emissions.find(({ at }) => at > end - pausedMs / 2)?.at ?? Number.NaN) - end
      },
      digits: 1,
      unit: ' ms',
      atLeast: 0,
      atMost: 5 + every(rate),
    },
    over,
  ],
})

/** Longer than anything that was granted can last, and what a new ledger waits for. */
const fenceMs = 160

const lost = (rate: number, says: string, outMs: number, does: (stage: Stage) => Promise<unknown>): Row => ({
  test: 13,
  name: `${says}, 8 actors, ${rate}/s`,
  scenario: crowd(8, rate, { seconds: 8, acts: [{ at: 3, says, does }] }),
  figures: [
    over,
    gapAfter(says),
    { ...usedFrom(says, outMs + fenceMs + 1000), name: 'of the limit used from 1 s after the fence' },
  ],
  others: both,
})

const empty =
  (how: 'shutdown' | 'kill') =>
  ({ redis }: Stage) =>
    redis.restart({ how, ms: 500 })

const withoutUsed: readonly Figure[] = [over, figures.mostInSecond, figures.used, figures.fairness]

/** What is measured of everybody when something happens. */
export const faultRows: readonly Row[] = [
  ...[200, 1000].map(join),
  ...[10, 200, 1000].map(kill),
  paused(200, {}, '', 3),
  paused(1000, {}, '', 3),
  paused(1000, { isDeaf: true }, ', no pub/sub', lookAheadMs + latestMs),
  ...[200, 1000].flatMap(rate => [
    lost(rate, 'FLUSHALL', 0, ({ redis }) => redis.admin.flushall()),
    lost(rate, 'Redis restarted empty', 500, empty('shutdown')),
    lost(rate, 'Redis killed with -9', 500, empty('kill')),
  ]),
  {
    test: 15,
    name: 'FLUSHALL, no pub/sub, 8 actors, 200/s',
    scenario: crowd(8, 200, {
      seconds: 8,
      isDeaf: true,
      acts: [{ at: 3, says: 'FLUSHALL', does: ({ redis }) => redis.admin.flushall() }],
    }),
    figures: [over, gapAfter('FLUSHALL'), usedFrom('FLUSHALL', fenceMs + 1000)],
  },
  ...[50, 2000].map(skewMs => ({
    test: 14,
    name: `the time of day of half of them ${skewMs} ms later, 8 actors, 200/s`,
    scenario: crowd(8, 200, { skewMs }),
    figures: withoutUsed,
    others: ['bottleneck'] as const,
  })),
]
