import t from 'tap'
import { found, typeNameOf } from '../lib/found.js'

t.test('a scalar is repeated as it is, of anything else only its type', async t => {
  const cases: [value: unknown, shown: string, type: string][] = [
    ['a "b"\n', '"a \\"b\\"\\n"', 'a string'],
    [3, '3', 'a number'],
    [Number.NaN, 'NaN', 'a number'],
    [10n, '10', 'a bigint'],
    [true, 'true', 'a boolean'],
    [null, 'null', 'null'],
    [undefined, 'undefined', 'undefined'],
    [{ Authorization: 's3cret' }, 'an object', 'an object'],
    [['s3cret'], 'a list', 'a list'],
    [() => 's3cret', 'a function', 'a function'],
  ]
  for (const [value, shown, type] of cases) {
    t.equal(found(value), shown)
    t.equal(typeNameOf(value), type)
  }
})
