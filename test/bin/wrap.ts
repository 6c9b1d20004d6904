import t from 'tap'
import { hang, wrap } from '../../bin/wrap.js'

t.test('lines are broken at blanks, and only where they have to be', async t => {
  const cases: [text: string, columns: number, lines: string[]][] = [
    ['one two three', 13, ['one two three']],
    ['one two three', 12, ['one two', 'three']],
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 1, ['one', 'two', 'three']],
    ['incomprehensibilities are long', 10, ['incomprehensibilities', 'are long']],
    ['', 10, ['']],
  ]
  for (const [text, columns, lines] of cases) t.strictSame(wrap(text, columns), lines, `${text} ${columns}`)
})

t.test('what hangs behind a label stays right of it', async t => {
  const shape = { indent: 6, columns: 14 }
  t.equal(hang('cap', 'one two three', shape), 'cap   one two\n      three')
  t.equal(hang('capital', 'one', shape), 'capitalone', 'a label is as long as it may be')
})
