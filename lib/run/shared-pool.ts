import type { Options } from '../options/given.js'
import { resolve } from '../options/resolve.js'
import { type OwnPool, openPool } from '../rate/open-pool.js'

/** The limits of a shared pool, as options of a run. */
export type SharedPoolOptions = Pick<Options, 'bwlimit' | 'tpslimit' | 'segment'>

/**
 * One budget for several runs of a process, limited as a run is: each run gets it as its `pool`, and who opened it closes it
 * after the last of them. Throws ERR_OPTION for a limit that cannot be read.
 */
export const sharedPool = (options: SharedPoolOptions): OwnPool =>
  // A budget belongs to no directory.
  openPool(resolve({ ...options, out: '.' }))
