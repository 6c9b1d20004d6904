import type { Gauge } from '../gauge.js'
import type { Tally } from './tally.js'

/** How a run is going. */
export type Progress = Tally & {
  /** Rows read so far. */
  read: number
  /** All rows, once no more of them will be read. */
  total: number | undefined
  /** Entries that are being checked or fetched, those that wait for the cap included. */
  inFlight: number
  /** Entries that wait at this moment, and for what. */
  waiting: {
    /** Their turn under a cap, `bwlimit` or that of their origin: these are in flight. */
    cap: number
    /** Their turn under a limit of requests, `tpslimit` or that of their origin: these are in flight. */
    request: number
    /** An origin that asked to wait (Retry-After). */
    origin: number
    /** Their next attempt. */
    retry: number
    /** One of the slots of `concurrency` or of their origin. */
    slot: number
  }
  /** Bytes per second over the last second, and all of them. */
  rate: number
  bytesReceived: number
  /** Bytes per second that hold now; Infinity without a cap. */
  cap: number
}

export type ProgressFacts = Pick<Progress, 'read' | 'total' | 'cap'> & {
  tally: Tally
  gauge: Gauge
  received: { readonly total: number; rate(): number }
}

/** How a run is going at this moment. */
export const progressOf = ({ tally, gauge, received, ...facts }: ProgressFacts): Progress => {
  const { entries, running, awaitingBytes, awaitingRequest, held, backingOff } = gauge
  return {
    ...tally,
    ...facts,
    inFlight: running,
    waiting: {
      cap: awaitingBytes,
      request: awaitingRequest,
      origin: held,
      retry: backingOff,
      slot: entries - running - held - backingOff,
    },
    rate: received.rate(),
    bytesReceived: received.total,
  }
}
