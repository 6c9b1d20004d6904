import { safePath } from './files/destination.js'
import { fileSink } from './files/file-sink.js'
import { sweep } from './files/partials.js'
import { pathTemplate } from './files/template.js'
import { urlKey } from './files/url-key.js'
import { openWorkspace } from './files/workspace.js'
import type { Halt } from './flow/halt.js'
import { publicLookup } from './http/address-guard.js'
import { client } from './http/client.js'
import { connections } from './http/connections.js'
import { downloader } from './http/download.js'
import { originBook } from './http/origins.js'
import { pacing } from './http/pacing.js'
import type { ResolvedOptions } from './options.js'
import { sleep, systemClock } from './rate/clock.js'
import type { Meter } from './rate/meter.js'
import type { RatePool } from './rate/pool.js'
import { throttle } from './rate/throttle.js'

/** The way to the origins and to the disk, as the stages of a run need them. DIR is locked until `close`. */
export const equip = async (
  options: ResolvedOptions,
  { halt, pool, meter }: { halt: Halt; pool: RatePool; meter: Meter },
) => {
  const { path, urlKey: keyedBy, headers = {}, accept, check, concurrency, perOrigin } = options
  const { halted, aborted } = halt
  const { workspace, sink } = await openDisk(options)
  const { index, claims, fold } = workspace
  const origins = originBook()
  const http = client({
    connections: connections({
      maxIdle: concurrency * 2,
      ...(options.privateNetwork === 'deny' && { lookup: publicLookup }),
    }),
    origins,
    pool,
    throttle,
    timeoutMs: options.timeout,
    stallMs: options.stallTimeout,
    minRate: options.minRate === Number.POSITIVE_INFINITY ? 0 : options.minRate,
    maxTimeMs: options.maxTime,
    retryAfterMaxMs: options.retryAfterMax,
    denyPrivateNetwork: options.privateNetwork === 'deny',
    accept,
    userAgent: 'sluice',
    onBytes: meter.add,
    halted,
    aborted,
  })
  return {
    template: pathTemplate(path, { urlKey: keyedBy }),
    safePath: (given: string) => safePath(given, fold),
    urlKey: (url: URL) => urlKey(url, keyedBy),
    claim: claims.claim,
    stat: sink.stat,
    get: index.get,
    remember: index.put,
    open: sink.open,
    check,
    client: http,
    origins,
    headers,
    download: downloader({
      client: http,
      origins,
      pacing: pacing({ rate: pool.rate, segment: options.segment, requestsPerSecond: options.tpslimit }),
      headers,
      accept,
      maxBytes: options.maxSize,
    }),
    retries: { retries: options.retries, baseMs: options.retryBase, maxMs: options.retryMax },
    sleep: (ms: number) => sleep(ms, { clock: systemClock, signal: halted }),
    concurrency,
    perOrigin,
    async close() {
      http.close()
      sink.close()
      await workspace.close()
    },
  }
}

/** DIR as the last run left it, made ready for this one. */
const openDisk = async (options: ResolvedOptions) => {
  const workspace = await openWorkspace(options.out, options)
  try {
    await sweep(workspace, Date.now())
    return { workspace, sink: fileSink(workspace, options) }
  } catch (error) {
    await workspace.close()
    throw error
  }
}
