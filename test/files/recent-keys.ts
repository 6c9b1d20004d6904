import t from 'tap'
import { recentKeys } from '../../lib/files/recent-keys.js'

t.test('the latest half of the keys is always there, and never more than the limit', async t => {
  const keys = recentKeys(8)
  for (let n = 0; n < 100; n++) {
    keys.add(String(n))
    for (let back = 0; back < 4 && back <= n; back++) t.ok(keys.has(String(n - back)))
  }
  const kept = Array.from({ length: 100 }, (_, n) => String(n)).filter(key => keys.has(key))
  t.ok(kept.length <= 8, `${kept.length} kept`)
})

t.test('a key that is asked for again and again stays', async t => {
  const keys = recentKeys(8)
  keys.add('a')
  for (let n = 0; n < 100; n++) {
    keys.add(String(n))
    t.ok(keys.has('a'))
  }
})

t.test('the smallest set keeps the last key', async t => {
  const keys = recentKeys(1)
  keys.add('a')
  keys.add('b')
  t.same([keys.has('a'), keys.has('b')], [false, true])
})
