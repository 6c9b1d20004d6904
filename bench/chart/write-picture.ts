import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../core/command.js'

/** Keeps a picture among the pages, as `docs/figures/<name>.svg`. */
export const writePicture = (name: string, svg: string): void => {
  const folder = join(checkout(), 'docs/figures')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.svg`), svg)
}
