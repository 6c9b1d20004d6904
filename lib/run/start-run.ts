import { type Duplex, Readable } from 'node:stream'
import { pipeline as connect } from 'node:stream/promises'
import type { ExtraOf } from '../echo.js'
import { entries } from '../entries.js'
import { SyncError } from '../errors.js'
import { exitCodeOf } from '../exit-code.js'
import type { Halt } from '../flow/halt.js'
import { type Progress, progressOf } from '../flow/progress.js'
import { type Summary, summarize } from '../flow/summary.js'
import { count, failuresOf, newTally, type Tally, tooManyFailures } from '../flow/tally.js'
import { newGauge } from '../gauge.js'
import type { ResolvedOptions } from '../options/resolve.js'
import type { Item, Outcome } from '../outcome.js'
import { meter } from '../rate/meter.js'
import { type Format, manifest } from '../sources/manifest.js'
import { openSource, type Source } from '../sources/open-source.js'
import { readRows } from '../sources/read-rows.js'
import { wrap } from '../wrap.js'
import { type Context, openContext, type RunOptions, readRunOptions } from './context.js'

export type { Progress, RunOptions, Source }

/**
 * One run: its outcomes as they happen. It begins with the iteration, which ends by throwing the error of the run, if there
 * was one. Leaving the loop early ends the run as an AbortSignal does, but without its grace: every entry read still
 * counts in the summary, whose exit code is then 130, since the manifest was not seen to its end; nothing is thrown.
 */
export type Run<Extra = unknown> = AsyncIterable<Outcome<Extra>> & {
  /** What became of the run; there once the iteration is over, however it ended. */
  readonly summary: Summary | undefined
  /** How the run is going at this moment; cheap enough to be asked for many times a second. */
  progress(): Progress
}

/** What a run works with, besides what its stages open. */
export type RunContext = Context & {
  /** Counts an outcome on its way out. */
  readonly count: (item: Item) => Outcome
}

/** Opens the stages of a run, and what they need: an error is the error of the run. */
export type OpenStages = (
  options: ResolvedOptions,
  context: RunContext,
) => Promise<{ stages: Duplex; close(): Promise<void> }>

/** A run of the entries that `source` names through the stages that `open` gives, counted in `tally`. Throws ERR_OPTION at once. */
export const startRun = <Row>(
  source: Source<Row>,
  options: RunOptions = {} as RunOptions,
  { open, tally = newTally() }: { open: OpenStages; tally?: Tally },
): Run<ExtraOf<Row>> => {
  const { resolved, given } = readRunOptions(options)
  const { format, select, maxFailures, bwlimit } = resolved
  const rows = openSource(source, bytes =>
    manifest(bytes, { format: format as Format, ...(select !== undefined && { select }) }),
  )
  const received = meter()
  let capNow = (): number => given.pool?.rate() ?? bwlimit.rateAt(new Date())
  let summary: Summary | undefined
  const gauge = newGauge()
  let read = 0
  let total: number | undefined

  const toEntry = entries()
  const toItem = (row: unknown): Item => {
    read++
    return toEntry(row)
  }

  const run = async function* (): AsyncGenerator<Outcome> {
    const startedAt = performance.now()
    const context = openContext(resolved, given, { meter: received, gauge })
    const { halt, pool } = context
    capNow = () => pool.rate()
    const items = readRows(rows, { signal: halt.halted, onBroken: halt.note, toItem })
    items.once('end', () => {
      total = read
    })
    const countOutcome = (item: Item): Outcome => {
      const outcome = count(tally, item)
      const tooMany = tooManyFailures(tally, maxFailures)
      if (tooMany) halt.stop(tooMany)
      return outcome
    }
    try {
      const { stages, close } = await open(resolved, { ...context, count: countOutcome })
      try {
        yield* flow(items, stages, halt)
      } finally {
        await close()
      }
    } catch (error) {
      halt.note(wrap(error))
    } finally {
      items.destroy()
      context.close()
      summary = summarize(tally, {
        bytesReceived: received.total,
        ms: performance.now() - startedAt,
        worstSecond: received.worstSecond,
        cap: pool.rate(),
        highestCap: context.highestRate(),
        peakMemory: process.resourceUsage().maxRSS * 1024,
        exitCode: halt.error ? exitCodeOf(halt.error) : failuresOf(tally) > 0 ? 1 : 0,
      })
    }
    if (halt.error) throw halt.error
  }

  // What an entry brought along comes back as it was given.
  const outcomes = run() as AsyncGenerator<Outcome<ExtraOf<Row>>>
  return {
    [Symbol.asyncIterator]: () => outcomes,
    get summary() {
      return summary
    },
    progress: () => progressOf({ tally, read, total, gauge, received, cap: capNow() }),
  }
}

/** Outcomes as they come out of the stages; when nobody takes them any more, the stages still come to their end. */
const flow = async function* (items: Readable, stages: Duplex, halt: Halt): AsyncGenerator<Outcome> {
  const flowing = connect(items, stages)
  flowing.catch(() => {})
  let isLeft = true
  try {
    for await (const outcome of Readable.prototype.iterator.call(stages, { destroyOnReturn: false }))
      yield outcome
    await flowing
    isLeft = false
  } catch (error) {
    isLeft = false
    halt.stopNow(wrap(error))
  } finally {
    if (isLeft) {
      halt.stopNow(new SyncError('ERR_ABORTED', 'the outcomes were not wanted any more', { scope: 'run' }))
      stages.resume()
      await flowing.catch(() => {})
    }
  }
}
