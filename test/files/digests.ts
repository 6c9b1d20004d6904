import { createHash } from 'node:crypto'
import t from 'tap'
import { digests } from '../../lib/files/digests.js'

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
