import { lstatSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { SyncError } from '../../errors.js'
import { openKept } from './kept.js'
import { lineCutter } from './lines.js'
import type { Link } from './link.js'
import { longestRequestBytes } from './message.js'
import { type PoolServer, poolServer } from './server.js'

/** A client that has left so much unread is not reading. */
const mostUnreadBytes = 4 * 1024 * 1024

/** How often the server looks whether its socket still stands where others look for it. */
const lookEveryMs = 500

/**
 * Serves pools at `path` as the holder of its lock: nobody else serves there, so a socket that stands there is left over, and is removed.
 * What comes back leads to this server; closing it frees the path. Rejects with ERR_OPTION where something else than a socket stands
 * there or what was kept cannot be read, and with the error of node:net where no socket can be made.
 */
export const serveAt = async (path: string): Promise<Link> => {
  removeSocket(path)
  const pools = poolServer(openKept(`${path}.quotas`))
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    attend(socket, pools)
    socket.once('close', () => sockets.delete(socket))
  })
  await listen(server, path)
  const own = inProcess(pools)
  const { ino } = lstatSync(path)

  const stop = (): void => {
    clearInterval(looking)
    pools.close()
    // Its path is free at once; that it has closed is told when its connections have.
    server.close(own.end)
    for (const socket of sockets) socket.destroy()
  }
  // Without it newcomers would find nobody, and those that are here would share nothing with them.
  const looking = setInterval(() => {
    if (inodeOf(path) !== ino) stop()
  }, lookEveryMs)

  return {
    ...own,
    async close() {
      if (server.listening) stop()
      await own.ended
    },
  }
}

const attend = (socket: Socket, pools: PoolServer): void => {
  const { hear, gone } = pools.attend({
    write(lines) {
      if (socket.writableLength + lines.length > mostUnreadBytes) socket.destroy()
      else if (!socket.destroyed) socket.write(lines)
    },
  })
  const tooLong = (): void => {
    socket.write(`${JSON.stringify({ error: `expected lines of at most ${longestRequestBytes} bytes` })}\n`)
    socket.destroySoon()
  }
  socket.on('data', lineCutter(longestRequestBytes, { line: hear, tooLong }))
  // The end of a connection is all there is to know of its errors.
  socket.on('error', () => {})
  socket.once('close', gone)
}

/** The link of the process that serves. */
const inProcess = (pools: PoolServer): Omit<Link, 'close'> & { end(): void } => {
  let hears = (_line: string): void => {}
  let end = (): void => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const { hear } = pools.attend({
    // What a listener throws is not the server's.
    write: lines => queueMicrotask(() => linesOf(lines).forEach(line => void hears(line))),
  })
  return {
    write: lines => linesOf(lines).forEach(hear),
    hear(line) {
      hears = line
    },
    ended,
    end,
  }
}

const linesOf = (lines: string): string[] => lines.split('\n').filter(line => line !== '')

const removeSocket = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found && !found.isSocket())
    throw new SyncError('ERR_OPTION', `pool: expected a socket at ${path}, or nothing, got something else`)
  rmSync(path, { force: true })
}

const inodeOf = (path: string): number | undefined => lstatSync(path, { throwIfNoEntry: false })?.ino

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // Later ones are of single connections, such as EMFILE: those who come then try again.
    server.on('error', reject)
    server.listen(path, resolve)
  })
