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
import { type Gauge, gauged } from './gauge.js'
import { sleep, systemClock } from './rate/clock.js'
import type { Meter } from './rate/meter.js'
import type { RatePool } from './rate/pool.js'
import { openRemote } from './remote.js'
import type { ResolvedOptions } from './resolve.js'
import { wrap } from './wrap.js'

type Context = { halt: Halt; pool: RatePool; meter: Meter; gauge: Gauge }

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
    sleep: (ms: number) =>
      gauged(context.gauge, 'backingOff', sleep(ms, { clock: systemClock, signal: context.halt.halted })),
    async close() {
      remote.close()
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
      remote.close()
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
