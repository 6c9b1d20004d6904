import { randomFillSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Assets of one size. */
export type Corpus = { name: string; folder: string; count: number; bytes: number }

const kibibyte = 1024
const perFolder = 1000

/** What is fetched: many small assets, some, and few large ones; a twentieth of each where that has to do. */
export const corpora = (quick: boolean): Corpus[] =>
  [
    { name: '20,000 x 4 KiB', folder: 'small', count: 20_000, bytes: 4 * kibibyte },
    { name: '5,000 x 100 KiB', folder: 'middle', count: 5_000, bytes: 100 * kibibyte },
    { name: '300 x 2 MiB', folder: 'large', count: 300, bytes: 2 * kibibyte ** 2 },
  ].map(corpus => (quick ? smaller(corpus) : corpus))

const smaller = ({ name, count, ...corpus }: Corpus): Corpus => ({
  ...corpus,
  name: name.replace(/^\S+/, (count / 20).toLocaleString('en')),
  count: count / 20,
})

/** Where each asset lies, below the origin and below where it is synced to. */
export const paths = ({ count }: Corpus): string[] =>
  Array.from({ length: count }, (_, index) => `${Math.floor(index / perFolder)}/${index}.jpg`)

/** Writes the assets of `corpus` into `folder`, no two alike. */
export const makeCorpus = (folder: string, corpus: Corpus): void => {
  const bytes = Buffer.allocUnsafe(corpus.bytes)
  for (const [index, path] of paths(corpus).entries()) {
    if (index % perFolder === 0) mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), randomFillSync(bytes))
  }
}
