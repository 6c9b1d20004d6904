import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { sharedNow } from '../link/clock.js'
import { bottleneckActor } from './actors/bottleneck.js'
import type { Contestant, ContestantOptions, Who } from './actors/contestant.js'
import { sluiceActor } from './actors/sluice.js'
import { turnTakingActor } from './actors/turns.js'

/*
 * One process with one or more actors. Asked with a Setup it answers 'ready', with a time 'started', and with 'stop' with a Report.
 * What it does is written to a file as it is done, so that it is known of a process that is killed as well.
 */

export type Setup = {
  who: Who
  /** Where what it does is written: three numbers each, who (its index), when, and 1 for a draw or 0 for the first wish. */
  file: string
  actors: readonly (ContestantOptions & { index: number })[]
  /** How many draws of each actor wait at any time. */
  waiting: number
  /** The time of day is so much later here. */
  skewMs: number
  /** Joins only when it starts. */
  isLate: boolean
  /** Each draw is a request to there. */
  receiver?: string | undefined
}

export type Report = { cpuMs: number; calls: number[] }

const makers = { sluice: sluiceActor, bottleneck: bottleneckActor, turns: turnTakingActor }

const answer = (message: object | string): void => void process.send?.(message)
const asked = async <Question>(): Promise<Question> => (await once(process, 'message'))[0] as Question

answer('up')
const setup = await asked<Setup>()
const realNow = Date.now.bind(Date)
Date.now = () => realNow() + setup.skewMs
const file = openSync(setup.file, 'a')
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

const note = (index: number, at: number, kind: number): void => {
  writeSync(file, new Uint8Array(new Float64Array([index, at, kind]).buffer))
}

const arrive = (url: string): Promise<void> =>
  new Promise(resolve => {
    const asking = request(url, { agent }, response => void response.resume().once('close', resolve))
    asking.once('error', () => resolve())
    asking.end()
  })

const contestants: { one: Contestant; index: number }[] = []
for (const options of setup.actors)
  contestants.push({ one: await makers[setup.who](options), index: options.index })
const joinAll = () => Promise.all(contestants.map(({ one }) => one.join()))
if (!setup.isLate) await joinAll()
answer('ready')
const startAt = await asked<number>()
answer('started')

let isOver = false
const drawOn = async (one: Contestant, index: number): Promise<void> => {
  while (!isOver) {
    let arriving: Promise<void> | undefined
    await one.draw(() => {
      note(index, sharedNow(), 1)
      if (setup.receiver) arriving = arrive(setup.receiver)
    })
    await arriving
  }
}

await new Promise(resolve => setTimeout(resolve, startAt - sharedNow()))
if (setup.isLate) await joinAll()
const before = process.cpuUsage()
for (const { one, index } of contestants) {
  note(index, sharedNow(), 0)
  for (let count = 0; count < setup.waiting; count++) void drawOn(one, index)
}
await asked()
isOver = true
const { user, system } = process.cpuUsage(before)
const report: Report = {
  cpuMs: (user + system) / 1000,
  calls: contestants.flatMap(({ one }) => one.calls ?? []),
}
answer(report)
