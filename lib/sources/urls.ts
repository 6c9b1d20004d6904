import { lineReader } from './lines.js'
import type { Emit, Reader, Start } from './reader.js'

/** Reads one URL per line; a line that starts with # is a comment. */
export const urlsReader = (options: { start: Start; emit: Emit }): Reader => lineReader({ ...options, toRow })

const toRow = (line: string): string | undefined => {
  const url = line.replace(/^[ \t]+|[ \t\r]+$/g, '')
  return url.startsWith('#') ? undefined : url
}
