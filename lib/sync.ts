import { Readable } from 'node:stream'
import { pipeline as connect } from 'node:stream/promises'
import { isBadRow, toEntry } from './entry.js'
import { equip, openPool } from './equipment.js'
import { SyncError, wrap } from './errors.js'
import { exitCodeOf } from './exit-code.js'
import { type Halt, halting } from './flow/halt.js'
import { count, failuresOf, newTally, type Summary, type Tally } from './flow/summary.js'
import { type FailureLimit, type Options, type ResolvedOptions, resolve } from './options.js'
import { failed, type Item, type Outcome } from './outcome.js'
import { pipeline } from './pipeline.js'
import { type Meter, meter } from './rate/meter.js'
import type { RatePool } from './rate/pool.js'
import { type Format, manifest } from './sources/manifest.js'
import { readRows } from './sources/read-rows.js'

/** A manifest: a stream of its bytes, or its entries themselves (URLs or objects with a `url`). */
export type Source = Readable | ReadableStream<Uint8Array> | AsyncIterable<unknown> | Iterable<unknown>

export type SyncOptions = Options & {
  /** Ends the run: nothing new begins, what is under way has 5 s to finish, and every entry read still gets its outcome. */
  signal?: AbortSignal
}

/** How a run is going. */
export type Progress = Tally & {
  /** Rows read so far. */
  read: number
  /** Bytes per second over the last second, and all of them. */
  rate: number
  bytesReceived: number
  /** Bytes per second that hold now; Infinity without a cap. */
  cap: number
}

/** One run: its outcomes as they happen. It begins with the iteration, which ends by throwing the error of the run, if there was one. */
export type Run = AsyncIterable<Outcome> & {
  /** What became of the run; there once the iteration is over, however it ended. */
  readonly summary: Summary | undefined
  progress(): Progress
}

/** Time that what is under way has when a run is ended early. */
const graceMs = 5_000

/**
 * Syncs the assets that `source` names to `options.out` and yields one outcome for every row, in order of completion.
 * Throws ERR_OPTION at once for options that are wrong; errors of the run (ERR_MANIFEST, ERR_DESTINATION, …) are thrown at the
 * end of the iteration, after the outcome of every row that was read. Leaving the loop early ends the run.
 */
export const sync = (source: Source, { signal, ...options }: SyncOptions): Run => {
  const resolved = resolve(options)
  const received = meter()
  const pool = openPool(resolved)
  const tally = newTally()
  let summary: Summary | undefined
  let read = 0

  const toItem = (row: unknown): Item => {
    const entry = toEntry(row, read++)
    return isBadRow(entry) ? failed(entry, entry.error) : entry
  }

  const run = async function* (): AsyncGenerator<Outcome> {
    const startedAt = performance.now()
    const halt = halting({ graceMs, signal })
    const countOutcome = (item: Item): Outcome => {
      const outcome = count(tally, item)
      if (isPastLimit(tally, resolved.maxFailures)) halt.stop(tooManyFailures(tally))
      return outcome
    }
    try {
      const equipment = await equip(resolved, { halt, pool, meter: received })
      try {
        const items = readRows(toBatches(source, resolved), {
          signal: halt.halted,
          onBroken: halt.note,
          toItem,
        })
        const stages = pipeline({ ...equipment, halt, count: countOutcome })
        yield* flow(items, stages, halt)
      } finally {
        await equipment.close()
      }
    } catch (error) {
      halt.note(wrap(error))
    } finally {
      pool.close()
      halt.close()
      const exitCode = halt.error ? exitCodeOf(halt.error) : failuresOf(tally) > 0 ? 1 : 0
      summary = summarize(tally, { received, pool, ms: performance.now() - startedAt, exitCode })
    }
    if (halt.error) throw halt.error
  }

  const outcomes = run()
  return {
    [Symbol.asyncIterator]: () => outcomes,
    get summary() {
      return summary
    },
    progress: () => ({
      ...tally,
      read,
      rate: received.rate(),
      bytesReceived: received.total,
      cap: pool.rate(),
    }),
  }
}

/** Outcomes as they come out of the stages; when nobody takes them any more, the stages still come to their end. */
const flow = async function* (
  items: Readable,
  stages: NodeJS.ReadWriteStream & AsyncIterable<Outcome>,
  halt: Halt,
): AsyncGenerator<Outcome> {
  const flowing = connect(items, stages)
  flowing.catch(() => {})
  let isOver = false
  try {
    for await (const outcome of Readable.prototype.iterator.call(stages, { destroyOnReturn: false }))
      yield outcome
    isOver = true
    await flowing
  } finally {
    if (!isOver) {
      halt.stopNow(
        new SyncError('ERR_ABORTED', 'the outcomes were not wanted any more', {
          scope: 'run',
          cause: 'EPIPE',
        }),
      )
      stages.resume()
      await flowing.catch(() => {})
    }
  }
}

/** Bytes are read as a manifest; anything else yields rows, and is passed on in batches of one. */
const toBatches = (
  source: Source,
  { format, select }: ResolvedOptions,
): AsyncIterable<readonly unknown[]> => {
  const isBytes =
    (source instanceof Readable && !source.readableObjectMode) || source instanceof ReadableStream
  if (isBytes)
    return manifest(source as AsyncIterable<Uint8Array>, {
      format: format as Format,
      ...(select !== undefined && { select }),
    })
  if (
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  )
    return oneByOne(source as AsyncIterable<unknown>)
  throw new SyncError('ERR_OPTION', 'source: expected a stream of bytes or an iterable of entries')
}

const oneByOne = async function* (
  source: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<readonly unknown[]> {
  for await (const row of source) yield [row]
}

/** A share counts from the hundredth outcome on: one failure among the first few says little. */
const isPastLimit = (tally: Tally, limit: FailureLimit): boolean =>
  'count' in limit
    ? failuresOf(tally) > limit.count
    : tally.entries >= 100 && failuresOf(tally) > limit.share * tally.entries

const tooManyFailures = (tally: Tally): SyncError =>
  new SyncError(
    'ERR_TOO_MANY_FAILURES',
    `${failuresOf(tally)} of ${tally.entries} entries failed, more than --max-failures`,
  )

const summarize = (
  tally: Tally,
  { received, pool, ms, exitCode }: { received: Meter; pool: RatePool; ms: number; exitCode: number },
): Summary => {
  const cap = pool.rate()
  const isCapped = cap !== Number.POSITIVE_INFINITY
  return {
    ...tally,
    bytesReceived: received.total,
    ms: Math.round(ms),
    meanRate: Math.round((received.total / Math.max(1, ms)) * 1000),
    cap: isCapped ? cap : null,
    worstSecond: received.worstSecond,
    capBreached: isCapped && received.worstSecond > cap * 1.1,
    peakMemory: process.resourceUsage().maxRSS * 1024,
    exitCode,
  }
}
