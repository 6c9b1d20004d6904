import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The same assets for the same places, in a file for each program. */
export type Lists = { sluice: string; curl: string; curlAgain: string; aria2c: string; wget2: string }

/** Writes the lists of assets at `paths` below `url` into `folder`. */
export const writeLists = (folder: string, url: string, paths: readonly string[]): Lists => {
  const write = (name: string, toText: (url: string, path: string) => string): string => {
    const file = join(folder, name)
    writeFileSync(file, paths.map(path => toText(`${url}/${path}`, path)).join(''))
    return file
  }
  return {
    sluice: write('sluice.ndjson', (url, path) => `${JSON.stringify({ url, path })}\n`),
    curl: write('curl.conf', (url, path) => `url = "${url}"\noutput = "${path}"\n`),
    // A condition belongs to all transfers up to the next `next`, and no other option outlives one.
    curlAgain: write(
      'curl-again.conf',
      (url, path) => `url = "${url}"\noutput = "${path}"\ntime-cond = "${path}"\nsilent\nnext\n`,
    ),
    aria2c: write('aria2c.txt', (url, path) => `${url}\n  out=${path}\n`),
    wget2: write('wget2.txt', url => `${url}\n`),
  }
}
