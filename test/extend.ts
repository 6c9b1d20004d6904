import t from 'tap'
import { extend } from '../lib/extend.js'

t.test('what is given comes over what was there, on a new object', t => {
  const base = { a: 1, b: 2 }
  t.strictSame(extend(base, { b: 3, c: 4 }), { a: 1, b: 3, c: 4 })
  t.strictSame(base, { a: 1, b: 2 })
  t.end()
})
