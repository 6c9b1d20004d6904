/** What the entries of a run are doing at this moment. Whoever makes one wait counts it while it waits: nothing is looked up. */
export type Gauge = {
  /** Read, and not ended. */
  entries: number
  /** Of those, the ones that hold a slot. */
  running: number
  /** Of those again, the ones that wait for bytes of the budget. */
  awaitingBytes: number
  /** Of those too, the ones that wait for a request of the budget rather than for bytes. */
  awaitingRequest: number
  /** Without a slot, since their origin asked to wait. */
  held: number
  /** Without a slot, between two attempts. */
  backingOff: number
}

export const newGauge = (): Gauge => ({
  entries: 0,
  running: 0,
  awaitingBytes: 0,
  awaitingRequest: 0,
  held: 0,
  backingOff: 0,
})

/** Counts one more under `name` until `waiting` is over, however it ends; gives `waiting` itself. */
export const gauged = <T>(gauge: Gauge, name: keyof Gauge, waiting: Promise<T>): Promise<T> => {
  const leave = (): void => {
    gauge[name]--
  }
  gauge[name]++
  waiting.then(leave, leave)
  return waiting
}
