import { ticksOverTime } from '../chart/ticks.js'
import type { Who } from './actors/contestant.js'
import type { Act, Observed, Scenario } from './scenario.js'

/** What the picture is called where rows are chosen by name. */
export const timelineName = 'every request of every actor, while things happen'

const acts: readonly Act[] = [
  { at: 2, says: 'one joins', does: async () => {} },
  { at: 4.5, says: 'kill -9 of two', does: stage => stage.kill(2) },
  {
    at: 7,
    says: 'Retry-After: 1',
    async does({ keeper }) {
      const { call } = await keeper()
      await call({ kind: 'pause', us: 1_000_000, cut: false })
    },
  },
  { at: 10, says: 'FLUSHALL', does: ({ redis }) => redis.admin.flushall() },
]

/** Few enough requests for each of them to be seen. */
export const timeline: Scenario = {
  rate: 50,
  // Those who are killed are the last to have joined.
  crews: [{ count: 6 }, { count: 1, from: 2, isLate: true }, { count: 2 }],
  seconds: 13,
  acts,
}

const shown: readonly { who: Who; name: string; colour: number }[] = [
  { who: 'sluice', name: 'sluice', colour: 0 },
  { who: 'bottleneck', name: 'bottleneck', colour: 2 },
]

/** Who is in the picture. */
export const timelineOf: readonly Who[] = shown.map(({ who }) => who)

/** When each actor made its requests, and what happened meanwhile. */
export const timelinePicture = (observed: ReadonlyMap<Who, Observed>): string =>
  ticksOverTime({
    title: 'Nine actors of one pool, 50 requests a second together',
    description:
      'Every request of every actor as a tick. With sluice they take turns: one that joins has its share at once, the others take the turns of two that are killed, a Retry-After that one of them gets holds all of them up, and after a FLUSHALL of Redis all go on in a moment. With bottleneck they come as it happens, the one that joins waits behind all that wait already, and nobody hears of the Retry-After.',
    blocks: shown.flatMap(({ who, name, colour }) => {
      const { emissions = [], crewOf = [] } = observed.get(who) ?? {}
      const rows = crewOf.map((_, actor) =>
        emissions.filter(each => each.actor === actor).map(({ at }) => at / 1000),
      )
      return rows.length > 0 ? [{ name, colour, rows }] : []
    }),
    marks: acts.map(({ at, says }) => ({ seconds: at, says })),
    seconds: timeline.seconds,
  })
