import t from 'tap'
import { demandAmount } from '../lib/demand-amount.js'

t.test('an amount is a number that is large enough', t => {
  for (const [given, from] of [
    [0.5, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [1, 1],
    [0, 0],
  ] as const)
    t.doesNotThrow(() => demandAmount('rate', given, from))
  t.end()
})

t.test('anything else is refused in a sentence', t => {
  const cases: [given: unknown, from: number | undefined, message: string][] = [
    [0, undefined, 'rate: expected a number above 0, got 0'],
    [-5, undefined, 'rate: expected a number above 0, got -5'],
    [Number.NaN, 0, 'rate: expected a number of at least 0, got NaN'],
    [0.5, 1, 'rate: expected a number of at least 1, got 0.5'],
    ['10mbit', undefined, 'rate: expected a number above 0, got string'],
    [10n, 1, 'rate: expected a number of at least 1, got bigint'],
    [undefined, 1, 'rate: expected a number of at least 1, got undefined'],
  ]
  for (const [given, from, message] of cases)
    t.throws(() => demandAmount('rate', given, from), { code: 'ERR_OPTION', message })
  t.end()
})
