import { mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Keeper } from '../../lib/pool/keeper.js'
import { openKeeper } from '../../lib/pool/open-keeper.js'
import { busyMs } from '../core/busy.js'
import { sharedNow } from '../link/clock.js'
import { thisNetwork } from '../link/network.js'
import { type Script, startScript } from '../link/script.js'
import type { Report, Setup } from './actor.js'
import type { Who } from './actors/contestant.js'
import type { Place } from './place.js'
import type { Observed, Scenario, Stage } from './scenario.js'

type Team = { script: Script; setup: Setup; from: number; isGone: boolean }

let plays = 0

/** Lets the actors of a scenario draw, does what is to be done meanwhile, and tells what came of it. */
export const play = async (who: Who, scenario: Scenario, place: Place): Promise<Observed> => {
  const { redis } = place
  const name = `bench-${process.pid}-${++plays}`
  const folder = join(place.folder, name)
  mkdirSync(folder)
  await redis.clear()
  const url = scenario.isOnSocket
    ? `unix:${join(folder, 'pool')}`
    : await place.url(scenario.roundTripMs ?? 0)
  const receiver = scenario.hasReceiver ? await place.receiver() : undefined
  const setups = setupsOf(scenario, { who, url, name, folder, receiver: receiver?.url })
  const teams: Team[] = []
  const keepers: Keeper[] = []
  const marks = new Map<string, number>()
  let startAt = sharedNow()
  const stage: Stage = {
    redis,
    async keeper() {
      const keeper = await openKeeper(url, name)
      keepers.push(keeper)
      return keeper
    },
    async kill(count) {
      const dying = teams.slice(-count)
      for (const team of dying) team.isGone = true
      await Promise.all(dying.map(({ script }) => script.stop()))
    },
    mark: (name, value = sharedNow() - startAt) => void marks.set(name, value),
  }
  try {
    await scenario.before?.(stage)
    await Promise.all(
      setups.map(async ({ setup, from }) => {
        const script = await startScript({
          network: thisNetwork,
          folder: import.meta.dirname,
          name: 'actor',
        })
        teams.push({ script, setup, from, isGone: false })
      }),
    )
    // Those of the first crew are the first to join, in the order of their numbers.
    teams.sort((a, b) => (a.setup.actors[0]?.index ?? 0) - (b.setup.actors[0]?.index ?? 0))
    await Promise.all(teams.map(({ script, setup }) => script.ask(setup)))
    const before = await redis.cost()
    const busyBefore = busyMs()
    const ownBefore = process.cpuUsage()
    startAt = sharedNow() + 200
    await Promise.all(teams.map(({ script, from }) => script.ask(startAt + 1000 * from)))

    const until = (seconds: number) => setTimeout(Math.max(0, startAt + 1000 * seconds - sharedNow()))
    for (const act of scenario.acts ?? []) {
      await until(act.at)
      stage.mark(act.says)
      await act.does(stage)
    }
    await until(scenario.seconds)
    const alive = teams.filter(({ isGone }) => !isGone)
    const reports = await Promise.all(alive.map(({ script }) => script.ask<Report>('stop')))
    const after = await redis.cost()
    const own = process.cpuUsage(ownBefore)
    const cpuMs = reports.reduce((sum, report) => sum + report.cpuMs, 0)
    const ofBench = cpuMs + Math.max(0, after.cpuMs - before.cpuMs) + (own.user + own.system) / 1000
    const { emissions, wishes } = recorded(teams, startAt)
    return {
      who,
      scenario,
      emissions,
      arrivals: (await receiver?.arrivals(startAt)) ?? [],
      wishes,
      marks,
      cpuMs,
      others: (busyMs() - busyBefore - ofBench) / (availableParallelism() * 1000 * scenario.seconds),
      calls: reports.flatMap(({ calls }) => calls),
      redis: {
        ...after,
        cpuMs: after.cpuMs - before.cpuMs,
        calls: after.calls - before.calls,
        publishes: after.publishes - before.publishes,
      },
      crewOf: scenario.crews.flatMap(({ count }, crew) => new Array<number>(count).fill(crew)),
    }
  } finally {
    await Promise.all([...teams.map(({ script }) => script.stop()), ...keepers.map(keeper => keeper.close())])
  }
}

type Shared = Pick<Setup, 'who' | 'receiver'> & { url: string; name: string; folder: string }

const setupsOf = (scenario: Scenario, shared: Shared): { setup: Setup; from: number }[] => {
  const { rate, isDeaf = false, skewMs = 0 } = scenario
  const { who, url, name, folder, receiver } = shared
  let index = 0
  return scenario.crews.flatMap((crew, crewIndex) => {
    const { count, user = 'somebody', weight = 1, userRate, quota, from = 0, isLate = false } = crew
    const actors = Array.from({ length: count }, (_, position) => {
      const named = typeof user === 'string' ? user : user(position)
      const each = { url, name, user: named, weight, rate, userRate, quota, isDeaf }
      return { ...each, actor: `actor-${String(index).padStart(3, '0')}`, index: index++ }
    })
    const processes = Math.min(count, scenario.processes ?? 8)
    return Array.from({ length: processes }, (_, at) => {
      const file = join(folder, `${crewIndex}-${at}`)
      const own = actors.filter((_, position) => position % processes === at)
      const skew = at % 2 === 1 ? skewMs : 0
      const setup: Setup = { who, file, actors: own, waiting: 100, skewMs: skew, isLate, receiver }
      return { setup, from }
    })
  })
}

const recorded = (teams: readonly Team[], startAt: number): Pick<Observed, 'emissions' | 'wishes'> => {
  const wishes: number[] = []
  const emissions = teams.flatMap(({ setup: { file } }) => {
    const bytes = readFileSync(file)
    // What was killed in the middle of a record is none.
    const whole = Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % 24)))
    const numbers = new Float64Array(whole.buffer)
    const drawn = []
    for (let at = 0; at < numbers.length; at += 3) {
      const [actor = 0, time = 0, isDraw] = numbers.subarray(at, at + 3)
      if (isDraw) drawn.push({ at: time - startAt, actor })
      else wishes[actor] = time - startAt
    }
    return drawn
  })
  return { emissions: emissions.sort((a, b) => a.at - b.at), wishes }
}
