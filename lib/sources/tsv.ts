import { brokenLine, lineReader } from './lines.js'
import { brokenManifest, type Emit, type Reader, type Start } from './reader.js'

/** The first line of a URL list of Google's Storage Transfer Service. */
export const tsvHeader = 'TsvHttpData-1.0'

/** Reads a TsvHttpData-1.0 list: per line a URL and, where known, its size and the base64 of its MD5. */
export const tsvReader = ({ start, emit }: { start: Start; emit: Emit }): Reader => {
  const toRow = (line: string, number: number): unknown => {
    const [url, size, md5, ...more] = line.split('\t').map(field => field.trim())
    if (number === start.line) {
      if (line.trim() === tsvHeader) return undefined
      throw brokenManifest(`expected the first line to be ${tsvHeader}`, start.offset)
    }
    if (more.length > 0) return brokenLine(number, 'has more than a URL, a size and an MD5', line)
    if (size && !/^\d+$/.test(size)) return brokenLine(number, 'has a size that is not a number', line)
    return { url, ...(size && { size: Number(size) }), ...(md5 && { integrity: `md5-${md5}` }) }
  }
  return lineReader({ start, toRow, emit })
}
