import type { Duplex } from 'node:stream'
import { chainUnchecked } from 'stream-chain'
import type { Halt } from './flow/halt.js'
import { parallel } from './flow/parallel.js'
import { compose, settle } from './flow/settle.js'
import type { Item, Outcome } from './outcome.js'
import { type DedupeOptions, dedupe } from './stages/dedupe.js'
import { type FetchOptions, fetch } from './stages/fetch.js'
import { type IncrementalOptions, incremental } from './stages/incremental.js'
import { type NameOptions, name } from './stages/name.js'
import { type RecallOptions, recall } from './stages/recall.js'

export type PipelineOptions = NameOptions &
  DedupeOptions &
  RecallOptions &
  IncrementalOptions &
  FetchOptions & {
    halt: Halt
    concurrency: number
    perOrigin: number
    /** Counts an outcome on its way out. */
    count: (item: Item) => Outcome
  }

/** Look-ups in flight at once: enough for the index to read them in batches. */
const lookUps = 256

/** Entries that wait for an origin that is busy or held. */
const lookAhead = 1024

/** The way of every entry: named, deduplicated and looked up many at a time; then checked and fetched, a few at a time and fewer per origin. */
export const pipeline = (options: PipelineOptions): Duplex => {
  const { halt, concurrency, perOrigin, count } = options
  // Each settled by itself, so that a failure is reported with all that the stages before it learned, such as the path.
  const local = compose(
    settle(name(options), halt),
    settle(dedupe(options), halt),
    settle(recall(options), halt),
  )
  const remote = compose(settle(incremental(options), halt), settle(fetch(options), halt))
  return chainUnchecked<Item, Outcome>([
    parallel(local, { concurrency: lookUps }),
    parallel(remote, { concurrency, perOrigin, lookAhead }),
    count,
  ])
}
