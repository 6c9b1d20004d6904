import t from 'tap'
import { lineCutter } from '../../../lib/pool/socket/lines.js'

const cutting = (longest: number) => {
  const lines: string[] = []
  let overflows = 0
  const cut = lineCutter(longest, {
    line: text => void lines.push(text),
    tooLong: () => {
      overflows++
    },
  })
  return { cut: (text: string) => cut(Buffer.from(text)), bytes: cut, lines, overflows: () => overflows }
}

t.test('bytes are cut into lines, however they come', async t => {
  for (const size of [1, 2, 3, 7, 100]) {
    const { bytes, lines } = cutting(100)
    const all = Buffer.from('one\n\nzwölf 🙂\nthree')
    for (let from = 0; from < all.length; from += size) bytes(all.subarray(from, from + size))
    t.strictSame(lines, ['one', '', 'zwölf 🙂'], `in pieces of ${size}`)
    bytes(Buffer.from('\n'))
    t.equal(lines[3], 'three')
  }
})

t.test('a line that is too long is told once, and nothing is read behind it', async t => {
  const { cut, lines, overflows } = cutting(5)
  cut('12345\n')
  cut('123')
  cut('456\nab\n')
  cut('ab\n')
  t.strictSame(lines, ['12345'])
  t.equal(overflows(), 1)
})
