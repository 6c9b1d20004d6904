import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { arriving, everySplit } from '../../fixtures/read-manifest.js'
import { toBytes, utf8Decoder } from '../../lib/sources/utf8.js'

const bytesOf = async (...chunks: (string | Uint8Array)[]): Promise<Buffer> => {
  const all: Buffer[] = []
  for await (const bytes of toBytes(arriving(chunks))) all.push(bytes)
  return Buffer.concat(all)
}

const decodeAll = (chunks: readonly Buffer[]): { text: string; valid: boolean } => {
  const decoder = utf8Decoder()
  let text = ''
  for (const chunk of chunks) {
    const decoded = decoder.write(chunk)
    text += decoded.text
    if (!decoded.valid) return { text, valid: false }
  }
  return { text, valid: decoder.end().valid }
}

t.test('text becomes the same bytes wherever its chunks are cut', async t => {
  const text = 'aé日🍰z'
  for (let at = 0; at <= text.length; at++)
    t.strictSame(await bytesOf(text.slice(0, at), text.slice(at)), Buffer.from(text), `cut at ${at}`)
  t.strictSame(await bytesOf('é', Buffer.from('日'), new Uint8Array([0x7a])), Buffer.from('é日z'))
})

t.test('a lone surrogate becomes a byte that is no UTF-8, never a replacement character', async t => {
  t.strictSame(await bytesOf('a\ud800b'), Buffer.from('a\xffb', 'latin1'))
  t.strictSame(await bytesOf('a\udc00'), Buffer.from('a\xff', 'latin1'))
  t.strictSame(await bytesOf('a\ud83c'), Buffer.from('a\xff', 'latin1'))
  t.strictSame(await bytesOf('a\ud83c', Buffer.from('b')), Buffer.from('a\xffb', 'latin1'))
})

t.test('text is decoded the same wherever its bytes are cut', async t => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), text => {
      const bytes = Buffer.from(text)
      const expected = { text: bytes.toString(), valid: true }
      t.ok(everySplit(bytes).every(chunks => isDeepStrictEqual(decodeAll(chunks), expected)))
    }),
  )
})

t.test('whatever is not UTF-8 is refused, after all the text before it', async t => {
  const broken = {
    'a byte that never occurs': [0xff],
    'a continuation without a beginning': [0x80],
    'an overlong slash': [0xc0, 0xaf],
    'an encoded surrogate': [0xed, 0xa0, 0x80],
    'a code point past the last': [0xf4, 0x90, 0x80, 0x80],
    'a sequence that another character interrupts': [0xe6, 0x97, 0x61],
  }
  for (const [name, sequence] of Object.entries(broken))
    for (const chunks of everySplit(
      Buffer.concat([Buffer.from('é\ufffd日'), Buffer.from(sequence), Buffer.from('z')]),
    ))
      t.strictSame(decodeAll(chunks), { text: 'é\ufffd日', valid: false }, name)
})

t.test('a character that the end cuts is refused', async t => {
  for (const cut of [1, 2, 3])
    t.strictSame(decodeAll([Buffer.from('a'), Buffer.from('🍰').subarray(0, cut)]), {
      text: 'a',
      valid: false,
    })
})
