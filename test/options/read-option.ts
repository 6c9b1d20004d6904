import t from 'tap'
import { readOption } from '../../lib/options/read-option.js'
import { table } from '../../lib/options/table.js'

t.test('a value is read as its kind', async t => {
  t.equal(readOption(table.timeout, '--timeout', '5s'), 5000)
})

t.test('a wrong value is refused under the name it was given by', async t => {
  t.throws(() => readOption(table.retries, 'SLUICE_RETRIES', 'x'), {
    code: 'ERR_OPTION',
    message: 'SLUICE_RETRIES: expected a whole number from 0 to 1000, got "x"',
  })
})

t.test('a secret is not repeated', async t => {
  t.throws(() => readOption(table.headers, '--header', 's3cret'), {
    message: /^(?!.*s3cret)--header: expected/,
  })
})
