import t from 'tap'
import { parseSelect } from '../../lib/sources/select.js'

t.test('a path is its components', async t => {
  t.strictSame(parseSelect('products.*.images.*'), ['products', '*', 'images', '*'])
  t.strictSame(parseSelect('*'), ['*'])
  t.strictSame(parseSelect('a b.0'), ['a b', '0'])
})

t.test('an empty component is refused in a sentence that names the flag', async t => {
  for (const text of ['', '.', 'a.', '.a', 'a..b'])
    t.throws(() => parseSelect(text), { code: 'ERR_OPTION', message: /^--select: expected .* got "/ }, text)
})
