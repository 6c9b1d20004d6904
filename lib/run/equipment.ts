import type { StoredAsset } from '../entry.js'
import type { AssetIndex } from '../files/asset-index.js'
import type { Claims } from '../files/claims.js'
import { customSink } from '../files/custom-sink.js'
import { safePath } from '../files/destination.js'
import { type FileSink, fileSink, type OpenOptions } from '../files/file-sink.js'
import { unusable } from '../files/level.js'
import { openDisk } from '../files/open-disk.js'
import { pathTemplate } from '../files/template.js'
import { urlKey } from '../files/url-key.js'
import { openView } from '../files/view.js'
import type { Workspace } from '../files/workspace.js'
import { gauged } from '../gauge.js'
import type { ResolvedOptions } from '../options/resolve.js'
import { sleep, systemClock } from '../rate/clock.js'
import { wrap } from '../wrap.js'
import type { Context } from './context.js'
import { openRemote } from './remote.js'

/** What the stages of a sync need: the way to the origins and to where assets are kept. DIR is locked until `close`. */
export const equipSync = async (options: ResolvedOptions, context: Context) => {
  const disk = await openDisk(options.out, options)
  const { index } = disk.workspace
  const { halt, gauge, observe } = context
  const kept = keeper(options, context, disk.sink)
  const { close: leaveOrigins, ...remote } = openRemote(options, context)
  return {
    ...toRecognize(options, disk.workspace, kept),
    ...remote,
    // Once the asset is in place nothing may call it failed: an index that cannot be written ends the run instead.
    remember: (path: string, asset: StoredAsset) =>
      index.put(path, asset).catch(error => halt.stop(wrap(error))),
    remembered: () => index.flushed()?.catch(() => {}),
    open: (asset: { readonly path: string }, opening: OpenOptions) =>
      kept.open(asset, { signal: halt.halted, ...opening }),
    retries: { retries: options.retries, baseMs: options.retryBase, maxMs: options.retryMax },
    sleep: (ms: number) =>
      gauged(gauge, 'backingOff', sleep(ms, { clock: systemClock, signal: halt.halted })),
    observe,
    underWay: kept.underWay,
    idle: kept.idle,
    async close() {
      leaveOrigins()
      await kept.close()
      await disk.close({ isComplete: halt.error === undefined })
    },
  }
}

/** What the stages of a plan need: DIR is only looked at, and no other run can begin there until `close`. */
export const equipPlan = async (options: ResolvedOptions, context: Context) => {
  const { view, sink } = await lookAtDisk(options)
  const kept = keeper(options, context, sink)
  const { close: leaveOrigins, ...remote } = openRemote(options, context)
  return {
    ...toRecognize(options, view, kept),
    ...remote,
    async close() {
      leaveOrigins()
      await sink.close()
      await view.close()
    },
  }
}

/** Where assets are kept: in the caller's sink, else in files. */
const keeper = (
  { digest }: ResolvedOptions,
  { sink, halt: { halted, aborted } }: Context,
  files: FileSink,
) => (sink ? customSink(sink, { digest, halted, aborted }) : files)

/** How entries and URLs are called, what stands in DIR and what is known of it. */
const toRecognize = (
  { path, urlKey: keyedBy }: ResolvedOptions,
  {
    fold,
    claims,
    index,
    unfinishedSince,
  }: Pick<Workspace, 'fold' | 'unfinishedSince'> & {
    claims: Pick<Claims, 'claim'>
    index: Pick<AssetIndex, 'get'>
  },
  { stat }: Pick<ReturnType<typeof keeper>, 'stat'>,
) => ({
  template: pathTemplate(path, { urlKey: keyedBy }),
  safePath: (given: string) => safePath(given, fold),
  urlKey: (url: URL) => urlKey(url, keyedBy),
  claim: claims.claim,
  stat,
  get: index.get,
  unfinishedSince,
})

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
