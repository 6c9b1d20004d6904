import t from 'tap'
import { clip, invalid } from '../lib/invalid.js'

t.test('a fault of a row says what was expected and what was found', async t => {
  t.match(invalid('a url', 7), {
    code: 'ERR_ENTRY_INVALID',
    scope: 'entry',
    message: 'expected a url, got 7',
  })
})

t.test('what was found is shown as JSON, even where JSON has no word for it', async t => {
  const cases: [value: unknown, shown: string][] = [
    ['a"\n', '"a\\"\\n"'],
    [null, 'null'],
    [{ a: [1] }, '{"a":[1]}'],
    [10n, '"10n"'],
    [[{ size: 10n }], '[{"size":"10n"}]'],
    [undefined, 'nothing'],
    [() => 1, 'nothing'],
    [Symbol('s'), 'nothing'],
  ]
  for (const [value, shown] of cases) t.equal(clip(value), shown)
})

t.test('what no JSON can hold is shown all the same', async t => {
  const circular: unknown[] = [1]
  circular.push(circular)
  t.equal(clip(circular), '<ref *1> [ 1, [Circular *1] ]')
  t.match(invalid('a url', { self: circular }), { code: 'ERR_ENTRY_INVALID' })
})

t.test('messages stay short', async t => {
  t.equal(clip('x'.repeat(98)), `"${'x'.repeat(98)}"`, 'as long as may be')
  t.equal(clip('x'.repeat(1e6)), `"${'x'.repeat(99)}…`)
  t.ok(invalid('a url', { a: 'x'.repeat(1e6) }).message.length < 200)
})
