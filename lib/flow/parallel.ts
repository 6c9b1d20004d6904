import { Duplex } from 'node:stream'
import { type Item, isOutcome } from '../outcome.js'
import { newWork, type Work } from '../work.js'

/** What a stage becomes once nothing it throws can get past it. */
export type SettledStage = (item: Item, work: Work) => Item | Promise<Item>

export type ParallelOptions = {
  /** Entries in flight in all. */
  concurrency: number
  /** Entries in flight per origin. */
  perOrigin?: number
  /** Entries that wait for their origin without holding a slot; when there are as many, no more are read. */
  lookAhead?: number
}

type Lane = { waiting: Item[]; returning: (() => void)[]; running: number }

/**
 * Runs a stage on several entries at once, as a Duplex with no queue but its look-ahead: entries start in the order they
 * came, but one whose origin is busy lets those of other origins pass. An entry that rests (backs off, or waits for a held
 * origin) gives its slot away meanwhile and comes back before fresh ones. Outcomes pass by. Order changes, count never.
 */
export const parallel = (
  stage: SettledStage,
  { concurrency, perOrigin = concurrency, lookAhead = 1 }: ParallelOptions,
): Duplex => {
  const lanes = new Map<string, Lane>()
  let running = 0
  let waiting = 0
  let resting = 0
  let isFull = false
  let isEnding = false
  let isFilling = false
  let askForMore: (() => void) | undefined

  const laneOf = (origin: string): Lane => {
    const lane = lanes.get(origin) ?? { waiting: [], returning: [], running: 0 }
    lanes.set(origin, lane)
    return lane
  }

  const leave = (origin: string, lane: Lane): void => {
    running--
    lane.running--
    if (lane.running === 0 && lane.waiting.length === 0 && lane.returning.length === 0) lanes.delete(origin)
  }

  const enter = (lane: Lane): void => {
    running++
    lane.running++
  }

  /** Work that gives its slot back while it rests. */
  const workIn = (origin: string): Work =>
    newWork(async wait => {
      resting++
      leave(origin, laneOf(origin))
      fill()
      try {
        return await wait()
      } finally {
        resting--
        const lane = laneOf(origin)
        if (running < concurrency && lane.running < perOrigin) enter(lane)
        else await new Promise<void>(resolve => lane.returning.push(resolve))
      }
    })

  const emit = (item: Item): void => {
    if (!stream.push(item)) isFull = true
  }

  const start = (item: Item, origin: string, lane: Lane): void => {
    enter(lane)
    const done = stage(item, workIn(origin))
    if (!(done instanceof Promise)) return end(done, origin)
    done.then(
      outcome => end(outcome, origin),
      // A settled stage does not throw; if one does it is a bug, and the stream says so.
      error => stream.destroy(error),
    )
  }

  const end = (item: Item, origin: string): void => {
    leave(origin, laneOf(origin))
    emit(item)
    fill()
  }

  /** Whoever may start in this lane now: who comes back before fresh ones. */
  const startNext = (origin: string, lane: Lane): boolean => {
    if (lane.running >= perOrigin) return false
    const back = lane.returning.shift()
    if (back) {
      enter(lane)
      back()
      return true
    }
    const next = isFull ? undefined : lane.waiting.shift()
    if (next) {
      waiting--
      start(next, origin, lane)
    }
    return next !== undefined
  }

  /** Fills the free slots, one entry of each lane in turn. */
  const fill = (): void => {
    // Stages that end at once come back here: the loop below goes on for them.
    if (isFilling) return
    isFilling = true
    for (const [origin, lane] of lanes) {
      if (running >= concurrency) break
      if (!startNext(origin, lane)) continue
      // A lane that had its turn goes to the end, where this loop meets it again.
      if (lanes.delete(origin)) lanes.set(origin, lane)
    }
    isFilling = false
    if (askForMore && hasRoom()) {
      const ask = askForMore
      askForMore = undefined
      ask()
    }
    if (isEnding && running + waiting + resting === 0) {
      isEnding = false
      stream.push(null)
    }
  }

  const hasRoom = (): boolean => !isFull && waiting + resting < lookAhead

  const stream = new Duplex({
    objectMode: true,
    highWaterMark: 16,
    write(item: Item, _encoding, callback) {
      askForMore = callback
      if (isOutcome(item)) emit(item)
      else {
        laneOf(item.assetUrl.origin).waiting.push(item)
        waiting++
      }
      fill()
    },
    final(callback) {
      isEnding = true
      callback()
      fill()
    },
    read() {
      if (!isFull) return
      isFull = false
      fill()
    },
  })
  return stream
}
