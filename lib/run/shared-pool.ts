import { SyncError } from '../errors.js'
import type { Options } from '../options/given.js'
import { resolve } from '../options/resolve.js'
import { type OwnPool, openPool } from '../rate/open-pool.js'

/** The limits of a shared pool, as options of a run. */
export type SharedPoolOptions = Pick<Options, 'bwlimit' | 'tpslimit' | 'segment'>

/**
 * One budget for several runs of a process, limited as a run is: each run gets it as its `pool`, and who opened it closes it
 * after the last of them. Throws ERR_OPTION for a limit that cannot be read, and for options that are none of a pool.
 */
export const sharedPool = (options: SharedPoolOptions = {}): OwnPool => {
  // A budget belongs to no directory.
  const resolved = resolve({ ...options, out: '.' })
  const foreign = Object.keys(options).find(name => !limits.includes(name))
  if (foreign !== undefined)
    throw new SyncError('ERR_OPTION', `${foreign}: expected a limit of a pool (${limits.join(', ')})`)
  return openPool(resolved)
}

const limits: readonly string[] = ['bwlimit', 'tpslimit', 'segment'] satisfies (keyof SharedPoolOptions)[]
