import { createReadStream, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { type ManifestOptions, manifest, type Source, SyncError } from '../lib/index.js'

/** The manifests that a command line names, "-" and none at all being stdin; throws ERR_OPTION for one that cannot be read. */
export const openManifests = (
  names: readonly string[],
  { stdin, options }: { stdin: NodeJS.ReadStream; options: ManifestOptions },
): Source => {
  const streams = (names.length > 0 ? names : ['-']).map(name => open(name, stdin))
  const [only] = streams
  return only && streams.length === 1 ? only : oneAfterTheOther(streams, options)
}

const open = (name: string, stdin: NodeJS.ReadStream): Readable => {
  if (name !== '-') return openFile(name)
  if (stdin.isTTY) throw new SyncError('ERR_OPTION', 'MANIFEST: expected a file or a pipe on stdin, got a terminal; see sluice --help')
  return stdin
}

const openFile = (name: string): Readable => {
  try {
    return createReadStream(name, { fd: openSync(name, 'r') })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SyncError('ERR_OPTION', `MANIFEST: expected a readable file, got ${JSON.stringify(name)} (${code})`, { cause: error })
  }
}

/** Every manifest is read in its own format; their rows are counted on. */
const oneAfterTheOther = async function* (streams: readonly Readable[], options: ManifestOptions): AsyncGenerator<unknown> {
  for (const stream of streams) for await (const rows of manifest(stream, options)) yield* rows
}
