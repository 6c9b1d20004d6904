import { createHash } from 'node:crypto'
import t from 'tap'
import { digestNames, digests } from '../../lib/files/digests.js'

t.test('every algorithm that was asked for is fed, and can be read while feeding goes on', async t => {
  const both = digests(new Set(['sha256', 'md5'] as const))
  both.update(Buffer.from('a'))
  const ofA = createHash('sha256').update('a').digest('base64')
  t.equal(both.read('sha256'), ofA)
  t.equal(both.read('sha256'), ofA, 'reading twice changes nothing')
  both.update(Buffer.from('b'))
  t.equal(both.read('sha256'), createHash('sha256').update('ab').digest('base64'))
  t.equal(both.read('md5'), createHash('md5').update('ab').digest('base64'))
  t.equal(both.read('sha512'), undefined)
})

t.test('chunks may change once they were fed', async t => {
  for (const length of [1, 100_000]) {
    const fed = digests(new Set(['sha256'] as const))
    const chunk = Buffer.alloc(length, 'a')
    const expected = createHash('sha256').update(chunk).digest('base64')
    fed.update(chunk)
    chunk.fill('x')
    t.equal(fed.read('sha256'), expected, `${length}`)
  }
  t.equal(digests(new Set(['md5'] as const)).read('md5'), createHash('md5').digest('base64'))
})

t.test('a digest to report and one to demand are one where they are the same', t => {
  const integrity = { algorithm: 'md5', base64: '' } as const
  t.strictSame([...digestNames('none')], [])
  t.strictSame([...digestNames('sha256', integrity)], ['sha256', 'md5'])
  t.strictSame([...digestNames('md5', integrity)], ['md5'])
  t.end()
})
