/**
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996): first come, first served within a flow, and equal in cost
 * between flows. A flow's tag is the cost it has been served; the lowest tag is next. A flow that was away starts at the
 * virtual time of now, so that nobody hoards turns.
 */
export type FairQueue<T> = {
  push(flow: string, item: T, cost: number): void
  /** The item whose turn it is. */
  head(): T | undefined
  /** Removes `item`, served: its flow moves back by its cost. */
  serve(flow: string, item: T): void
  /** Removes `item`, not served. */
  drop(flow: string, item: T): void
  /** Charges a flow for what a served item cost beyond what was said (less than it, where negative). */
  charge(flow: string, cost: number): void
  /** Who waits in a flow, in order. */
  waiting(flow: string): readonly T[]
  readonly size: number
}

type Waiting<T> = { item: T; cost: number }
type Flow<T> = { waiting: Waiting<T>[]; tag: number }

/** Tags of flows that are away are looked through once there are more than this. */
const mostAway = 1024

/** What newcomers may be served, in multiples of its own cost, before a flow that waits longer is ahead of them. */
const mostNewcomers = 64

export const fairQueue = <T>(): FairQueue<T> => {
  const flows = new Map<string, Flow<T>>()
  // Tags of flows that are away: forgotten once virtual time has passed them, which keeps many origins from piling up.
  const away = new Map<string, number>()
  let virtualTime = 0
  let size = 0

  /** Time has to pass even where nobody comes twice: else newcomers would always go first, and none be forgotten. */
  const pass = (cost: number): void => {
    virtualTime += cost / Math.max(mostNewcomers, flows.size)
  }

  const remove = (name: string, item: T): Waiting<T> | undefined => {
    const flow = flows.get(name)
    const position = flow?.waiting.findIndex(waiting => waiting.item === item) ?? -1
    if (!flow || position < 0) return undefined
    const [waiting] = flow.waiting.splice(position, 1)
    size--
    return waiting
  }

  const keep = (name: string, tag: number): void => {
    if (tag > virtualTime) away.set(name, tag)
    else away.delete(name)
    if (away.size > mostAway) for (const [other, kept] of away) if (kept <= virtualTime) away.delete(other)
  }

  const leaveIfEmpty = (name: string): void => {
    const flow = flows.get(name)
    if (!flow || flow.waiting.length > 0) return
    flows.delete(name)
    keep(name, flow.tag)
  }

  return {
    push(name, item, cost) {
      const flow = flows.get(name)
      if (flow) flow.waiting.push({ item, cost })
      else
        flows.set(name, {
          waiting: [{ item, cost }],
          tag: Math.max(virtualTime, away.get(name) ?? virtualTime),
        })
      if (!flow) away.delete(name)
      size++
    },
    head() {
      let first: Flow<T> | undefined
      for (const flow of flows.values()) if (!first || flow.tag < first.tag) first = flow
      return first?.waiting[0]?.item
    },
    serve(name, item) {
      const flow = flows.get(name)
      const waiting = remove(name, item)
      if (!flow || !waiting) return
      virtualTime = Math.max(virtualTime, flow.tag)
      flow.tag += waiting.cost
      pass(waiting.cost)
      leaveIfEmpty(name)
    },
    drop(name, item) {
      remove(name, item)
      leaveIfEmpty(name)
    },
    charge(name, cost) {
      const flow = flows.get(name)
      pass(cost)
      if (flow) flow.tag += cost
      else keep(name, (away.get(name) ?? virtualTime) + cost)
    },
    waiting: name => (flows.get(name)?.waiting ?? []).map(({ item }) => item),
    get size() {
      return size
    },
  }
}
