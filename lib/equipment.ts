import type { StoredAsset } from './entry.js'
import { safePath } from './files/destination.js'
import { fileSink, type OpenOptions } from './files/file-sink.js'
import { unusable } from './files/level.js'
import { sweep } from './files/partials.js'
import { pathTemplate } from './files/template.js'
import { urlKey } from './files/url-key.js'
import { openView } from './files/view.js'
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
import { wrap } from './wrap.js'

type Context = { halt: Halt; pool: RatePool; meter: Meter }

/** What the stages of a sync need: the way to the origins and to the disk. DIR is locked until `close`. */
export const equipSync = async (options: ResolvedOptions, context: Context) => {
  const { workspace, sink } = await openDisk(options)
  const { index, claims, fold } = workspace
  const remote = openRemote(options, context)
  return {
    ...naming(options, fold),
    ...remote,
    claim: claims.claim,
    stat: sink.stat,
    get: index.get,
    // Once the asset is in place nothing may call it failed: an index that cannot be written ends the run instead.
    remember: (path: string, asset: StoredAsset) =>
      index.put(path, asset).catch(error => context.halt.stop(wrap(error))),
    open: (asset: { readonly path: string }, opening: OpenOptions) =>
      sink.open(asset, { ...opening, signal: context.halt.halted }),
    retries: { retries: options.retries, baseMs: options.retryBase, maxMs: options.retryMax },
    sleep: (ms: number) => sleep(ms, { clock: systemClock, signal: context.halt.halted }),
    async close() {
      remote.client.close()
      sink.close()
      await workspace.close()
    },
  }
}

/** What the stages of a plan need: DIR is only looked at, and no other run can begin there until `close`. */
export const equipPlan = async (options: ResolvedOptions, context: Context) => {
  const { view, sink } = await lookAtDisk(options)
  const { index, claims, fold } = view
  const remote = openRemote(options, context)
  return {
    ...naming(options, fold),
    ...remote,
    claim: claims.claim,
    stat: sink.stat,
    get: index.get,
    async close() {
      remote.client.close()
      sink.close()
      await view.close()
    },
  }
}

/** How entries and URLs are called. */
const naming = ({ path, urlKey: keyedBy }: ResolvedOptions, fold: (path: string) => string) => ({
  template: pathTemplate(path, { urlKey: keyedBy }),
  safePath: (given: string) => safePath(given, fold),
  urlKey: (url: URL) => urlKey(url, keyedBy),
})

/** The way to the origins, under the budget of the run. */
const openRemote = (options: ResolvedOptions, { halt, pool, meter }: Context) => {
  const { headers = {}, accept, concurrency, perOrigin, segment, tpslimit } = options
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
    halted: halt.halted,
    aborted: halt.aborted,
  })
  const paced = pacing({ rate: pool.rate, segment, requestsPerSecond: tpslimit })
  return {
    check: options.check,
    client: http,
    origins,
    headers,
    download: downloader({
      client: http,
      origins,
      pacing: paced,
      headers,
      accept,
      maxBytes: options.maxSize,
    }),
    concurrency,
    perOrigin: () => perOrigin,
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

/** DIR as it stands; the sink only looks, too. */
const lookAtDisk = async ({ out }: ResolvedOptions) => {
  const view = await openView(out)
  try {
    const folders = { root: view.root, tmp: '', partial: '', fileMode: 0 }
    return { view, sink: fileSink(folders, { digest: 'none', durable: false }) }
  } catch (error) {
    await view.close()
    throw unusable(out, error)
  }
}
