import { demandAmount } from '../demand-amount.js'
import type { Entry } from '../entry.js'
import type { Gauge } from '../gauge.js'
import type { Item } from '../outcome.js'

/** The entries of one origin. */
export type Lane = {
  readonly origin: string
  /** Not started yet. */
  readonly waiting: Item[]
  /** Rested, and now waiting for a slot. */
  readonly returning: (() => void)[]
  /** Those that hold a slot. */
  running: number
  /** All that have not ended. */
  entries: number
}

/** The lanes of all origins that have entries, and who holds a slot. */
export type Lanes = {
  /** One more entry, which waits in the lane of its origin. */
  add(entry: Entry): void
  hasSlot(lane: Lane): boolean
  enter(lane: Lane): void
  leave(lane: Lane): void
  /** One of its entries has ended. */
  end(lane: Lane): void
  /** Lets `startNext` start one entry of each lane in turn, until nobody can. */
  inTurn(startNext: (lane: Lane) => boolean): void
}

export type LanesOptions = {
  /** Slots in all. */
  concurrency: number
  /** Slots of an origin. */
  perOrigin: (origin: string) => number
  /** Where entries and slots are counted. */
  gauge: Gauge
}

/** No lanes yet. */
export const openLanes = ({ concurrency, perOrigin, gauge }: LanesOptions): Lanes => {
  const lanes = new Map<string, Lane>()

  const laneOf = (origin: string): Lane => {
    const found = lanes.get(origin)
    if (found) return found
    const lane = { origin, waiting: [], returning: [], running: 0, entries: 0 }
    lanes.set(origin, lane)
    return lane
  }

  return {
    add(entry) {
      const lane = laneOf(entry.assetUrl.origin)
      lane.waiting.push(entry)
      lane.entries++
      gauge.entries++
    },
    hasSlot(lane) {
      const most = perOrigin(lane.origin)
      // With none nothing could ever start.
      demandAmount('perOrigin', most, 1)
      return gauge.running < concurrency && lane.running < most
    },
    enter(lane) {
      gauge.running++
      lane.running++
    },
    leave(lane) {
      gauge.running--
      lane.running--
    },
    end(lane) {
      gauge.entries--
      lane.entries--
      if (lane.entries === 0) lanes.delete(lane.origin)
    },
    inTurn(startNext) {
      for (const lane of lanes.values()) {
        if (gauge.running >= concurrency) break
        if (!startNext(lane)) continue
        // A lane that had its turn goes to the end, where this loop meets it again; a single one goes on.
        if (lanes.size > 1 && lanes.delete(lane.origin)) lanes.set(lane.origin, lane)
        else while (startNext(lane));
      }
    },
  }
}
