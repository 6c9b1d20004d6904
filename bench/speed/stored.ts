import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Corpus } from './corpora.js'

/** What is not as it should be in a `folder` that a corpus was fetched into; empty where all is there. */
export const missing = (folder: string, { count, bytes }: Corpus): string => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    name => name.endsWith('.jpg') && !name.startsWith('.'),
  )
  const whole = files.filter(name => statSync(join(folder, name)).size === bytes)
  return whole.length === count && files.length === count ? '' : `${whole.length} of ${count} stored`
}
