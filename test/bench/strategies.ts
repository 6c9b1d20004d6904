import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeCatalog } from '../../bench/strategies/catalog.js'
import { mixedSizes, randomFrom } from '../../bench/strategies/sizes.js'

t.test('numbers look random, and are the same for each seed', async t => {
  const random = randomFrom(7)
  const numbers = Array.from({ length: 1000 }, random)
  t.ok(numbers.every(number => number >= 0 && number < 1))
  t.ok(Math.abs(numbers.reduce((sum, number) => sum + number, 0) / 1000 - 0.5) < 0.05)
  const again = randomFrom(7)
  t.strictSame(Array.from({ length: 1000 }, again), numbers)
})

t.test('sizes are mixed: half of them below the median, a few many times as large', async t => {
  const sizes = mixedSizes(2000, 60_000).toSorted((a, b) => a - b)
  const median = sizes[1000] ?? 0
  t.ok(median > 54_000 && median < 66_000, `${median}`)
  t.ok((sizes.at(-1) ?? 0) > 10 * median)
  t.ok((sizes[0] ?? 0) > 0)
})

t.test('a tenth of a catalog changes, and nothing else does', async t => {
  const root = t.testdir()
  const catalog = makeCatalog(root, 20)
  const look = () =>
    catalog.paths.map(path => ({
      content: readFileSync(join(root, path), 'latin1'),
      modified: statSync(join(root, path)).mtimeMs,
    }))
  const before = look()
  t.equal(
    before.reduce((sum, { content }) => sum + content.length, 0),
    catalog.bytes,
  )
  catalog.change()
  const after = look()
  t.strictSame(
    after.flatMap(({ content, modified }, index) =>
      content !== before[index]?.content && modified !== before[index]?.modified ? [index] : [],
    ),
    [0, 10],
  )
  t.strictSame(
    after.map(({ content }) => content.length),
    before.map(({ content }) => content.length),
  )
})
