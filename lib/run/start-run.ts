import { type Duplex, Readable } from 'node:stream'
import { pipeline as connect, finished } from 'node:stream/promises'
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
import { peakMemory } from '../peak-memory.js'
import { meter } from '../rate/meter.js'
import { type Format, manifest } from '../sources/manifest.js'
import { openSource, type Source } from '../sources/open-source.js'
import { readRows } from '../sources/read-rows.js'
import { wrap } from '../wrap.js'
import { type Context, openContext, type RunOptions, readRunOptions } from './context.js'
import { once } from './once.js'

export type { Progress, RunOptions, Source }

/**
 * One run: its outcomes as they happen. It begins with the iteration, which ends by throwing the error of the run, if there
 * was one. Leaving the loop early ends the run as an AbortSignal does, but without its grace: every entry read still
 * counts in the summary, whose exit code is then 130, since the manifest was not seen to its end; nothing is thrown. A run
 * is for one loop: a second one gets ERR_OPTION.
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
  refuseEntries(source, resolved)
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

  let isLeft = false
  let leave = (): void => {
    isLeft = true
  }

  const conclude = (error: SyncError | undefined, { ms, highestCap }: Ending): void => {
    summary = summarize(tally, {
      bytesReceived: received.total,
      ms,
      worstSecond: received.worstSecond,
      cap: capNow(),
      highestCap,
      peakMemory: peakMemory(),
      ...(error?.resumeAt !== undefined && { resumeAt: error.resumeAt }),
      exitCode: error ? exitCodeOf(error) : failuresOf(tally) > 0 ? 1 : 0,
    })
  }

  const run = async function* (): AsyncGenerator<Outcomes> {
    const startedAt = performance.now()
    const context = await openContext(resolved, given, { meter: received, gauge }).catch(reason => {
      rows.close()
      const error = wrap(reason)
      conclude(error, { ms: performance.now() - startedAt, highestCap: capNow() })
      throw error
    })
    const { halt, pool } = context
    leave = () => halt.stopNow(left())
    if (isLeft) leave()
    capNow = () => pool.rate()
    const items = readRows(rows, { signal: halt.halted, onBroken: halt.note, toItem })
    items.once('end', () => {
      total = read
    })
    const countOutcome = (item: Item): Outcome => {
      const outcome = count(tally, item)
      // What the end of the run overtakes is no failure that could end it.
      const tooMany = halt.halted.aborted ? undefined : tooManyFailures(tally, maxFailures)
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
      await context.close()
      conclude(halt.error, { ms: performance.now() - startedAt, highestCap: context.highestRate() })
    }
    if (halt.error) throw halt.error
  }

  // What an entry brought along comes back as it was given.
  const outcomes = run() as AsyncGenerator<readonly Outcome<ExtraOf<Row>>[]>
  const unbegun = (): void => {
    rows.close()
    conclude(left(), { ms: 0, highestCap: capNow() })
  }
  return {
    ...once(outcomes, { unbegun, leave: () => leave() }),
    get summary() {
      return summary
    },
    progress: () => progressOf({ tally, read, total, gauge, received, cap: capNow() }),
  }
}

/** Entries are what they are: no format, and no path to them. */
const refuseEntries = (source: Source, { select, format }: ResolvedOptions): void => {
  const given = select !== undefined ? 'select' : format === 'auto' ? undefined : 'format'
  if (given && Array.isArray(source) && source.length > 0 && !(source[0] instanceof Uint8Array))
    throw new SyncError('ERR_OPTION', `${given}: expected a manifest of bytes, got entries`)
}

type Outcomes = readonly Outcome[]
type Ending = { ms: number; highestCap: number }

const left = (): SyncError =>
  new SyncError('ERR_ABORTED', 'the outcomes were not wanted any more', { scope: 'run' })

/** Outcomes as they come out of the stages, together; when nobody takes them any more, the stages still come to their end. */
const flow = async function* (items: Readable, stages: Duplex, halt: Halt): AsyncGenerator<Outcomes> {
  const flowing = connect(items, stages)
  flowing.catch(() => {})
  let isLeft = true
  try {
    yield* Readable.prototype.iterator.call(stages, { destroyOnReturn: false })
    await flowing
    isLeft = false
  } catch (error) {
    isLeft = false
    halt.stopNow(wrap(error))
  } finally {
    if (isLeft) {
      halt.stopNow(left())
      stages.resume()
      await Promise.all([flowing, finished(stages)]).catch(() => {})
    }
  }
}
