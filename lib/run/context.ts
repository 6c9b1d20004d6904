import { SyncError } from '../errors.js'
import { type Halt, halting } from '../flow/halt.js'
import { type Gauge, newGauge } from '../gauge.js'
import type { Observer } from '../observer.js'
import type { Options } from '../options/given.js'
import { type ResolvedOptions, resolve } from '../options/resolve.js'
import { type Meter, meter } from '../rate/meter.js'
import type { RatePool } from '../rate/pool.js'
import type { Sink } from '../sink.js'
import { openPools } from './pools.js'

/** What a run can be given that no text could say. */
export type NativeOptions = {
  /** Ends the run: nothing new begins, what is under way has 5 s to finish, and every entry read still gets its outcome. */
  signal?: AbortSignal | undefined
  /**
   * A budget that others draw on, too, in the place of `bwlimit` and `tpslimit`; it is its owner who closes it. Or the URL of one
   * that other processes draw on, as `--pool` has it.
   */
  pool?: RatePool | string | undefined
  /** Where assets are kept, in the place of files below `out`, which still has the lock, the index and the claims. */
  sink?: Sink | undefined
  /** Hears of attempts that failed and are tried again, as they happen. */
  observe?: Observer | undefined
}

/** Everything that `sync`, `plan` and `openTools` take besides a source. */
export type RunOptions = Omit<Options, 'pool'> & NativeOptions

/** What a run works with, whatever its stages are. */
export type Context = Pick<NativeOptions, 'sink' | 'observe'> & {
  readonly halt: Halt
  readonly pool: RatePool
  /** Budgets that single origins share with other processes. */
  readonly originPools: ReadonlyMap<string, RatePool>
  readonly meter: Meter
  readonly gauge: Gauge
}

export type OpenContext = Context & {
  /** The most bytes per second that held at any time, as far as the run can tell. */
  highestRate(): number
  close(): Promise<void>
}

/** What was given besides options, checked. */
export type Given = Omit<NativeOptions, 'pool'> & { pool?: RatePool | undefined }

/** Time that what is under way has when a run is ended early. */
const graceMs = 5_000

/** The options, checked and with their defaults, and what was given besides them; throws ERR_OPTION that names what is wrong. */
export const readRunOptions = (all: RunOptions): { resolved: ResolvedOptions; given: Given } => {
  if (typeof all !== 'object' || all === null) throw expected('options', 'an object')
  // As anywhere among the options, null is as good as nothing.
  const { signal: anySignal, pool: anyPool, sink: anySink, observe: anyObserver, ...options } = all
  const url = typeof anyPool === 'string' ? anyPool : undefined
  const [signal, pool] = [
    anySignal ?? undefined,
    url === undefined ? ((anyPool as RatePool | null) ?? undefined) : undefined,
  ]
  const [sink, observe] = [anySink ?? undefined, anyObserver ?? undefined]
  const resolved = resolve({ ...options, ...(url !== undefined && { pool: url }) })
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw expected('signal', 'an AbortSignal')
  if (pool !== undefined && !has(pool, ...poolFunctions))
    throw expected('pool', `one such as sharedPool gives, with ${poolFunctions.join(', ')}`)
  if (sink !== undefined && !has(sink, 'stat', 'create'))
    throw expected('sink', 'an object with stat and create')
  if (observe !== undefined && typeof observe !== 'function') throw expected('observe', 'a function')
  if (pool) refuseLimits(resolved)
  return { resolved, given: { signal, pool, sink, observe } }
}

const poolFunctions = [
  'grant',
  'hold',
  'heldFor',
  'released',
  'rate',
  'mayCap',
  'requestRate',
  'close',
] as const satisfies readonly (keyof RatePool)[]

/** Those of a preset would be lost as silently as any others. */
const refuseLimits = ({ bwlimit, tpslimit, preset }: ResolvedOptions): void => {
  const now = new Date()
  const isCapped = bwlimit.rateAt(now) !== Number.POSITIVE_INFINITY || bwlimit.nextChange(now) !== undefined
  const twice = isCapped ? 'bwlimit' : tpslimit === Number.POSITIVE_INFINITY ? undefined : 'tpslimit'
  if (!twice) return
  const way = preset === undefined ? '' : `; ${twice}: 'off' leaves out what a preset brings`
  throw expected(twice, `no limit besides that of the pool${way}`)
}

/** Opens what a run works with; the caller's pool and sink stay the caller's to close. */
export const openContext = async (
  options: ResolvedOptions,
  { signal, pool: shared, sink, observe: given }: Given,
  { meter: received = meter(), gauge = newGauge() }: Partial<Pick<Context, 'meter' | 'gauge'>> = {},
): Promise<OpenContext> => {
  const halt = halting({ graceMs, signal })
  const observe = given && guarded(given, halt)
  const { pool, highestRate, close, originPools } = await openPools(options, shared, { halt, observe }).catch(
    error => {
      halt.close()
      throw halt.error ?? error
    },
  )
  return {
    halt,
    pool,
    originPools,
    meter: received,
    gauge,
    ...(sink && { sink }),
    ...(observe && { observe }),
    highestRate,
    async close() {
      await close()
      halt.close()
    },
  }
}

/** What an observer throws, or rejects with, is a bug of the caller, and ends the run as one whatever it throws. */
const guarded =
  (observe: Observer, halt: Halt): Observer =>
  event =>
    void new Promise(resolve => resolve(observe(event))).catch(error => {
      const message = `observe failed: ${error instanceof Error ? error.message : String(error)}`
      halt.stop(new SyncError('ERR_INTERNAL', message, { cause: error }))
    })

const expected = (name: string, what: string): SyncError =>
  new SyncError('ERR_OPTION', `${name}: expected ${what}`)

const has = (given: object, ...names: readonly string[]): boolean =>
  typeof given === 'object' &&
  given !== null &&
  names.every(name => typeof Reflect.get(given, name) === 'function')
