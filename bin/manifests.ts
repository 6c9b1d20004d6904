import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  type Stats,
  statSync,
} from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { type ManifestOptions, manifest, type Source, SyncError } from '../lib/index.js'

export type Manifests = {
  source: Source
  /** Lets go of what is still open: a silent pipe would keep the process alive. */
  close(): void
}

/** The manifests that a command line names, "-" and none at all being stdin; throws ERR_OPTION for one that cannot be read. */
export const openManifests = (
  names: readonly string[],
  { stdin, options }: { stdin: () => NodeJS.ReadStream; options: ManifestOptions },
): Manifests => {
  const words = names.map(name => (namesOfStdin.has(name) ? '-' : name))
  if (words.indexOf('-') !== words.lastIndexOf('-'))
    throw new SyncError('ERR_OPTION', 'MANIFEST: expected stdin to be named once, got "-" twice')
  const opened: Readable[] = []
  const waiting = new Set<number>()
  const all = (words.length > 0 ? words : ['-']).map(name => {
    const open = find(name, { stdin, waiting })
    return {
      name,
      open: () => {
        const stream = open()
        opened.push(stream)
        return stream
      },
    }
  })
  const [only] = all
  return {
    source: only && all.length === 1 ? only.open() : oneAfterTheOther(all, options),
    close() {
      for (const stream of opened) stream.destroy()
      for (const fd of waiting) closeSync(fd)
      waiting.clear()
    },
  }
}

/** A socket cannot be opened by them, which is what some programs give for stdin. */
const namesOfStdin: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'])

type Opener = { name: string; open: () => Readable }

/** What can be opened only once, such as a pipe, is opened now and is one of `waiting` until its turn comes; a file is opened then, since there may be very many. */
const find = (
  name: string,
  { stdin, waiting }: { stdin: () => NodeJS.ReadStream; waiting: Set<number> },
): Opener['open'] => {
  const stats = examine(name)
  if (stats.isDirectory()) throw unreadable(name, 'a directory')
  if (stats.isFile() && name !== '-') return () => createReadStream(name)
  const fd = name === '-' ? 0 : tried(name, () => openSync(name, 'r'))
  if (isatty(fd))
    throw new SyncError(
      'ERR_OPTION',
      'MANIFEST: expected a file or a pipe on stdin, got a terminal; see sluice --help',
    )
  if (fd === 0) return stdin
  waiting.add(fd)
  return () => {
    waiting.delete(fd)
    // Not as a file: reading a silent pipe would hold a thread, and the end of the process, until something comes.
    return stats.isFIFO()
      ? new Socket({ fd, readable: true, writable: false })
      : createReadStream(name, { fd })
  }
}

const examine = (name: string): Stats =>
  tried(name, () => {
    if (name === '-') return fstatSync(0)
    accessSync(name, constants.R_OK)
    return statSync(name)
  })

const tried = <T>(name: string, act: () => T): T => {
  try {
    return act()
  } catch (error) {
    throw unreadable(name, (error as NodeJS.ErrnoException).code ?? '')
  }
}

const unreadable = (name: string, why: string): SyncError =>
  new SyncError('ERR_OPTION', `MANIFEST: expected a readable file, got ${JSON.stringify(name)} (${why})`)

/** Every manifest is read in its own format; their rows are counted on. */
const oneAfterTheOther = (all: readonly Opener[], options: ManifestOptions): AsyncIterable<unknown> => {
  const manifests = all.map(({ name, open }) => ({ name, batches: manifest(whenRead(open), options) }))
  return (async function* () {
    for (const { name, batches } of manifests)
      try {
        for await (const rows of batches) yield* rows
      } catch (error) {
        if (!(error instanceof SyncError)) throw error
        const { code, message, offset } = error
        throw new SyncError(code, `${JSON.stringify(name)}: ${message}`, {
          cause: error,
          ...(offset !== undefined && { offset }),
        })
      }
  })()
}

const whenRead = async function* (open: () => Readable): AsyncGenerator<Uint8Array> {
  yield* open()
}
