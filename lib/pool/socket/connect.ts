import { connect } from 'node:net'
import { lineCutter } from './lines.js'
import type { Link } from './link.js'
import { longestReplyBytes } from './message.js'

/** Nobody reads for so long that this much waits to be sent: then nobody will. */
const mostWaitingBytes = 8 * 1024 * 1024

/** Connects to the socket at `path`; undefined where none is there, or nobody accepts. Rejects with the error of node:net otherwise. */
export const connectTo = (path: string): Promise<Link | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    let hears = (_line: string): void => {}
    const ended = new Promise<void>(resolve => socket.once('close', () => resolve()))
    const cut = lineCutter(longestReplyBytes, { line: text => hears(text), tooLong: () => socket.destroy() })
    socket.on('data', cut)
    socket.on('error', error => {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(undefined)
      // Once it was connected, this changes nothing: what has ended is told by `ended`.
      else reject(error)
    })
    socket.once('connect', () =>
      resolve({
        write(lines) {
          if (socket.writableLength > mostWaitingBytes) socket.destroy()
          else if (!socket.destroyed) socket.write(lines)
        },
        hear(line) {
          hears = line
        },
        ended,
        async close() {
          socket.destroySoon()
          // Who does not read would not let it end.
          setTimeout(() => socket.destroy(), 100).unref()
          await ended
        },
      }),
    )
  })
