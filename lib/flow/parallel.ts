import { Duplex } from 'node:stream'
import { demandAmount } from '../demand-amount.js'
import { type Gauge, newGauge } from '../gauge.js'
import { type Item, isOutcome } from '../outcome.js'
import { newWork, type Work } from '../work.js'
import { groupedExit, singleExit } from './exit.js'
import { type Lane, openLanes } from './lane.js'

/** What a stage becomes once nothing it throws can get past it. */
export type SettledStage = (item: Item, work: Work) => Item | Promise<Item>

/** How many entries may be on their way. */
export type ParallelOptions = {
  /** Entries in flight in all. */
  concurrency: number
  /** Entries in flight to an origin. */
  perOrigin?: (origin: string) => number
  /** Entries that hold no slot, because their origin is busy or they rest; when there are as many, no more are read, and no more than a few while all slots are held. */
  lookAhead?: number
  /** Its own, in which entries and those of them that hold a slot are counted, for whoever wants to look. */
  gauge?: Gauge
  /** Takes and gives arrays of items in the place of single ones: what has ended until the reader asks for more, together. */
  grouped?: boolean
}

/** Entries that are ready for the slots that come free next. */
const mostReady = 64

/**
 * Runs a stage on several entries at once, as a Duplex with no queue but its look-ahead: entries start in the order they
 * came, but one whose origin is busy lets those of other origins pass. An entry that rests (backs off, or waits for a held
 * origin) gives its slot away meanwhile and comes back before fresh ones. Outcomes pass by. Order changes, count never.
 * Throws ERR_OPTION for limits under which nothing could start.
 */
export const parallel = (
  stage: SettledStage,
  {
    concurrency,
    perOrigin = () => concurrency,
    lookAhead = 1,
    gauge = newGauge(),
    grouped = false,
  }: ParallelOptions,
): Duplex => {
  demandAmount('concurrency', concurrency, 1)
  demandAmount('lookAhead', lookAhead, 1)
  const lanes = openLanes({ concurrency, perOrigin, gauge })
  let isEnding = false
  let isFilling = false
  let askForMore: (() => void) | undefined
  // Read, and not in a lane yet.
  let group: readonly Item[] = []
  let position = 0

  const exit = grouped
    ? groupedExit(
        () => stream,
        () => fill(),
      )
    : singleExit(() => stream)

  /** Lets as many of the group into their lanes as there is room for. */
  const admit = (): void => {
    for (; position < group.length && hasRoom(); position++) {
      const item = group[position] as Item
      if (isOutcome(item)) exit.emit(item)
      else lanes.add(item)
    }
  }

  const start = (item: Item, lane: Lane): void => {
    let isRunning = true
    lanes.enter(lane)

    const pause = (): void => {
      if (isRunning) lanes.leave(lane)
      isRunning = false
    }

    const work = newWork(async wait => {
      pause()
      fill()
      // Whoever waited in vain has nothing left to do but to settle, and that needs no slot.
      const waited = await wait()
      if (lanes.hasSlot(lane)) lanes.enter(lane)
      else await new Promise<void>(resolve => lane.returning.push(resolve))
      isRunning = true
      return waited
    })

    const end = (outcome: Item): void => {
      pause()
      lanes.end(lane)
      exit.emit(outcome)
      fill()
    }

    // A settled stage does not throw; if one does it is a bug, and the stream says so.
    const fail = (error: Error): void => void stream.destroy(error)
    try {
      const done = stage(item, work)
      if (done instanceof Promise) done.then(end, fail)
      else end(done)
    } catch (error) {
      fail(error as Error)
    }
  }

  /** Whoever may start in this lane now: who comes back before fresh ones. */
  const startNext = (lane: Lane): boolean => {
    if (!lanes.hasSlot(lane)) return false
    const back = lane.returning.shift()
    if (back) {
      lanes.enter(lane)
      back()
      return true
    }
    const next = exit.isFull() || stream.destroyed ? undefined : lane.waiting.shift()
    if (next) start(next, lane)
    return next !== undefined
  }

  /** Fills the free slots, one entry of each lane in turn. */
  const fill = (): void => {
    // Stages that end at once come back here: the loop below goes on for them.
    if (isFilling) return
    isFilling = true
    try {
      do {
        admit()
        lanes.inTurn(startNext)
      } while (position < group.length && hasRoom())
    } catch (error) {
      stream.destroy(error as Error)
      return
    } finally {
      isFilling = false
    }
    if (askForMore && position === group.length && hasRoom()) {
      const ask = askForMore
      askForMore = undefined
      ask()
    }
    if (!isEnding || gauge.entries > 0) return
    isEnding = false
    exit.end()
  }

  /** While no slot is free, those that are next have to be there, and no more: what waits long is copied about by the garbage collector. */
  const hasRoom = (): boolean =>
    !exit.isFull() &&
    gauge.entries - gauge.running < (gauge.running < concurrency ? lookAhead : Math.min(lookAhead, mostReady))

  const stream = new Duplex({
    objectMode: true,
    highWaterMark: grouped ? 1 : 16,
    write(items: Item | readonly Item[], _encoding, callback) {
      askForMore = callback
      group = Array.isArray(items) ? items : [items]
      position = 0
      fill()
    },
    final(callback) {
      isEnding = true
      callback()
      fill()
    },
    read() {
      if (exit.read()) fill()
    },
  })
  return stream
}
