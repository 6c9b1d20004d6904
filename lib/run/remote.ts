import type { Halt } from '../flow/halt.js'
import type { Gauge } from '../gauge.js'
import { publicLookup } from '../http/address-guard.js'
import { client } from '../http/client.js'
import { connections } from '../http/connections.js'
import { downloader } from '../http/download.js'
import type { OriginDeadlines } from '../http/exchanger.js'
import { originBook } from '../http/origins.js'
import { pacing } from '../http/pacing.js'
import { firstHops } from '../http/redirect.js'
import { sharedLookup } from '../http/shared-lookup.js'
import type { OriginOptions } from '../options/origins.js'
import type { ResolvedOptions } from '../options/resolve.js'
import { unitsOf } from '../options/unit-costs.js'
import { gaugedPool } from '../rate/gauged-pool.js'
import type { Meter } from '../rate/meter.js'
import { originLimits } from '../rate/origin-limits.js'
import type { RatePool } from '../rate/pool.js'
import { throttle } from '../rate/throttle.js'

export type RemoteContext = {
  halt: Halt
  pool: RatePool
  /** Budgets of single origins that are shared. */
  originPools?: ReadonlyMap<string, RatePool>
  meter: Meter
  gauge: Gauge
}

/** The way to the origins, under the budget of the run and under what single origins have of their own. */
export const openRemote = (options: ResolvedOptions, { halt, meter, gauge, ...context }: RemoteContext) => {
  const { accept, concurrency, check, privateNetwork } = options
  const { perOrigin, segment, deadlines, headersFor, unitsOf, requestRate } = settingsOf(options)
  const origins = originBook()
  const limited = originLimits({
    pool: context.pool,
    ...(context.originPools && { joined: context.originPools }),
    limits: options.origins,
    segment: options.segment,
  })
  const pool = gaugedPool(limited, gauge)
  const paced = pacing({
    rate: pool.rate,
    segment,
    requestsPerSecond: origin => Math.min(pool.requestRate(origin), requestRate(origin)),
  })
  const http = client({
    connections: connections({
      maxIdle: concurrency * 2,
      readBytes: origin => (pool.mayCap(origin) ? paced.readBytes(origin) : undefined),
      // One is under way already, when it is found out for the others what the origin can do.
      mostPrepared: origin => Math.min(concurrency, perOrigin(origin)) - 1,
      lookup: sharedLookup(privateNetwork === 'deny' ? publicLookup : undefined),
    }),
    origins,
    pool,
    throttle,
    unitsOf,
    deadlines,
    retryAfterMaxMs: options.retryAfterMax,
    denyPrivateNetwork: privateNetwork === 'deny',
    accept,
    userAgent: 'sluice',
    onBytes: meter.add,
    halted: halt.halted,
    aborted: halt.aborted,
  })
  const hopTo = firstHops(headersFor)
  const download = downloader({
    client: http,
    origins,
    pacing: paced,
    hopTo,
    accept,
    maxBytes: options.maxSize,
    halted: halt.halted,
  })
  return {
    check,
    client: http,
    origins,
    hopTo,
    download,
    maxTimeMs: (origin: string) => deadlines(origin).maxTimeMs,
    relieve: http.relieve,
    concurrency,
    perOrigin,
    close() {
      http.close()
      pool.close()
    },
  }
}

/** What holds at an origin: what it has of its own, else what holds for the run. */
const settingsOf = (run: ResolvedOptions) => {
  const own = (origin: string): OriginOptions => run.origins.get(origin) ?? {}
  // Asked for with every request, of which a range is one.
  const deadlines = toDeadlines(run)
  const ownDeadlines = new Map(
    Array.from(run.origins, ([origin, section]) => [origin, toDeadlines({ ...run, ...section })]),
  )
  const requestRates = new Map(
    Array.from(run.origins, ([origin, section]) => [origin, requestRateOf(section)]),
  )
  return {
    perOrigin: (origin: string) => own(origin).perOrigin ?? run.perOrigin,
    segment: (origin: string) => own(origin).segment ?? run.segment,
    headersFor: (origin: string) => [run.headers ?? {}, own(origin).headers ?? {}],
    deadlines: (origin: string) => ownDeadlines.get(origin) ?? deadlines,
    requestRate: (origin: string) => requestRates.get(origin) ?? Number.POSITIVE_INFINITY,
    // Most runs have none, and need not look for them with every request.
    unitsOf: Array.from(run.origins.values()).some(countsUnits)
      ? (method: string, url: URL): number => {
          const section = own(url.origin)
          return countsUnits(section) ? unitsOf(section.unitCosts ?? [], method, url) : 0
        }
      : undefined,
  }
}

/** Units are counted where they are limited. */
const countsUnits = ({ unitlimit, userUnitlimit, quota = [] }: OriginOptions): boolean =>
  unitlimit !== undefined || userUnitlimit !== undefined || quota.some(({ of }) => of === 'units')

/** What limits in units leave of requests, if each is of the dearest sort. */
const requestRateOf = ({ unitlimit, userUnitlimit, unitCosts = [] }: OriginOptions): number => {
  const off = Number.POSITIVE_INFINITY
  const dearest = Math.max(1, ...unitCosts.map(({ units }) => units))
  return Math.min(unitlimit ?? off, userUnitlimit ?? off) / dearest
}

const toDeadlines = ({ timeout, stallTimeout, minRate, maxTime }: ResolvedOptions): OriginDeadlines => ({
  timeoutMs: timeout,
  stallMs: stallTimeout,
  minRate: minRate === Number.POSITIVE_INFINITY ? 0 : minRate,
  maxTimeMs: maxTime,
})
