import type { Duplex } from 'node:stream'
import { asStream, chainUnchecked } from 'stream-chain'
import type { NamedEntry } from '../entry.js'
import type { Halt } from '../flow/halt.js'
import { parallel } from '../flow/parallel.js'
import { compose, type Stage, settle } from '../flow/settle.js'
import { type Group, together } from '../flow/together.js'
import { type Gauge, newGauge } from '../gauge.js'
import type { Item, Outcome } from '../outcome.js'
import { type DedupeOptions, dedupe } from '../stages/dedupe.js'
import { type FetchOptions, fetch } from '../stages/fetch.js'
import { type IncrementalOptions, incremental } from '../stages/incremental.js'
import { type NameOptions, name } from '../stages/name.js'
import { type PlanOptions, plan } from '../stages/plan.js'
import { type RecallOptions, recall } from '../stages/recall.js'

/** What is done here and what is asked of origins, the same for every run. */
export type CommonTools = NameOptions &
  DedupeOptions &
  RecallOptions &
  IncrementalOptions & {
    halt: Halt
    /** Entries in flight in all. */
    concurrency: number
    /** Entries in flight to an origin. */
    perOrigin: (origin: string) => number
  }

/** What the stages of a sync are made with. */
export type SyncTools = CommonTools & FetchOptions

type Counting = {
  /** Where entries in flight are counted. */
  gauge?: Gauge
  /** Counts an outcome on its way out. */
  count: (item: Item) => Outcome
  /** Resolves once what was stored is remembered; undefined where there is nothing to wait for. */
  remembered?: () => Promise<void> | undefined
}

export type SyncPipelineOptions = SyncTools & Counting
export type PlanPipelineOptions = CommonTools & PlanOptions & Counting

/** Entries that wait for an origin that is busy or held. */
const lookAhead = 1024

/**
 * The way of every entry of a sync, in arrays of those that were read or have ended together: named, deduplicated and looked
 * up many at a time; then checked and fetched, a few at a time and fewer per origin.
 */
export const syncPipeline = (options: SyncPipelineOptions): Duplex => stagesOf(options, fetch(options))

/** Of groups, which are many items, none waits between two steps but the one that is next. */
const oneAtATime = { writableHighWaterMark: 1, readableHighWaterMark: 1 }

/** The same way, but for the last step. */
export const planPipeline = (options: PlanPipelineOptions): Duplex => stagesOf(options, plan(options))

const stagesOf = (options: CommonTools & Counting, last: Stage<NamedEntry>): Duplex => {
  const { concurrency, perOrigin, gauge = newGauge(), count, remembered = () => undefined } = options
  // Each settled by itself, so that a failure is reported with all that the stages before it learned, such as the path.
  const local = compose(
    settle(name(options), options),
    settle(dedupe(options), options),
    settle(recall(options), options),
  )
  const remote = compose(settle(incremental(options), options), settle(last, options))
  const outcomesOf = (group: Group): readonly Outcome[] | Promise<readonly Outcome[]> => {
    const outcomes = () => group.map(count)
    return remembered()?.then(outcomes) ?? outcomes()
  }
  return chainUnchecked<Group, readonly Outcome[]>(
    [
      asStream(together(local), oneAtATime),
      parallel(remote, { concurrency, perOrigin, lookAhead, gauge, grouped: true }),
      asStream(outcomesOf, oneAtATime),
    ],
    oneAtATime,
  )
}
