import { SyncError } from '../../errors.js'
import { connectTo } from './connect.js'
import type { Link } from './link.js'
import { takeLock } from './lock.js'
import { serveAt } from './serve.js'

/**
 * Leads to the one process that serves at `path`: this one, if nobody does. Undefined while another is about to begin, or about to end.
 * Only who has the lock makes a socket or removes one, so of any number of processes that find a dead one, one serves.
 * Rejects with ERR_POOL or ERR_OPTION where that cannot be.
 */
export const elect = async (path: string): Promise<Link | undefined> => {
  const link = await connect(path)
  if (link) return link
  const release = await takeLock(`${path}.lock`)
  if (!release) return undefined
  try {
    // Somebody may have served and have gone since, or serve still, if its lock was removed.
    const other = await connect(path)
    if (!other) return withLock(await serveAt(path), release)
    await release()
    return other
  } catch (error) {
    await release()
    if (error instanceof SyncError) throw error
    throw cannotBe(`no pool can be served at ${path}`, error)
  }
}

const withLock = (link: Link, release: () => Promise<void>): Link => ({
  ...link,
  async close() {
    await link.close()
    await release()
  },
})

const connect = async (path: string): Promise<Link | undefined> => {
  try {
    return await connectTo(path)
  } catch (error) {
    throw cannotBe(`the pool at ${path} cannot be connected to`, error)
  }
}

const cannotBe = (what: string, cause: unknown): SyncError =>
  new SyncError('ERR_POOL', `${what} (${(cause as NodeJS.ErrnoException).code ?? cause})`, { cause })
