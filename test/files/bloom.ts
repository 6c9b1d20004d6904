import { hash } from 'node:crypto'
import t from 'tap'
import { bloomFilter } from '../../lib/files/bloom.js'

const key = (n: number) => hash('sha256', String(n), 'binary').slice(0, 16)

t.test('what was added is always recognised', async t => {
  const filter = bloomFilter(64 * 1024)
  for (let n = 0; n < 40_000; n++) filter.add(key(n))
  let missed = 0
  for (let n = 0; n < 40_000; n++) if (!filter.mayHave(key(n))) missed++
  t.equal(missed, 0)
})

t.test('at thirteen bits a key, one in a hundred of the others at most is taken for one', async t => {
  const filter = bloomFilter(64 * 1024)
  for (let n = 0; n < 40_000; n++) filter.add(key(n))
  let mistaken = 0
  for (let n = 40_000; n < 80_000; n++) if (filter.mayHave(key(n))) mistaken++
  t.ok(mistaken < 400, `${mistaken} of 40,000`)
})

t.test('a new filter has nothing, the smallest one too', async t => {
  for (const bytes of [64, 1024]) t.equal(bloomFilter(bytes).mayHave(key(0)), false)
})
