import { catalog } from '../../fixtures/catalog.js'

/** How many entries of a manifest want what another wants: none, each with one other, or all. */
export type Repeats = 'distinct' | 'half' | 'all'

/** A manifest of a shop, made while it is read. */
export const manifest = (
  url: string,
  entries: number,
  { format, repeats = 'distinct' }: { format: 'json' | 'ndjson'; repeats?: Repeats },
): AsyncIterable<string> => catalog({ entries, format, entry: index => entry(url, toAsset(index, repeats)) })

/** The one asset that a manifest of nothing but repeats asks for. */
export const repeated = '/images/P-0000000/front.jpg'

const entry = (url: string, asset: number) => {
  const sku = `P-${String(asset).padStart(7, '0')}`
  return { sku, view: 'front', url: `${url}/images/${sku}/front.jpg`, size: 203_000 }
}

/** The first is the one that is repeated: all others are not there. */
const toAsset = (index: number, repeats: Repeats): number => {
  if (repeats === 'all') return 0
  return 1 + (repeats === 'half' ? index >> 1 : index)
}

const perChunk = 500

/** As many URLs, each on a line between `before` and `after`. */
export function* urls(url: string, entries: number, before = '', after = ''): Generator<string, void> {
  for (let first = 0; first < entries; first += perChunk) {
    let chunk = ''
    for (let index = first; index < Math.min(first + perChunk, entries); index += 1)
      chunk += `${before}${url}/images/P-${String(index + 1).padStart(7, '0')}/front.jpg${after}\n`
    yield chunk
  }
}
