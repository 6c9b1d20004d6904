import type { Token } from 'stream-json/core/parser.js'
import t from 'tap'
import { locate } from '../../lib/sources/locate.js'

const tokens = (...names: Token['name'][]): Token[] => names.map(name => ({ name, value: '' }) as Token)

t.test('the last token is found behind everything that can stand before it', async t => {
  const text = '{"a\\"{": [ -1.5e3 , true, "]", {'
  const before = tokens(
    ...(['startObject', 'startKey', 'stringChunk', 'endKey', 'startArray'] as const),
    ...(['startNumber', 'numberChunk', 'endNumber', 'trueValue'] as const),
  )
  t.equal(locate(text, before), text.indexOf('true'))
  t.equal(locate(text, [...before, ...tokens('startString')]), text.indexOf('"]"'))
  t.equal(
    locate(text, [...before, ...tokens('startString', 'stringChunk', 'endString', 'startObject')]),
    text.length - 1,
  )
})

t.test('what began in an earlier text is passed over', async t => {
  t.equal(locate('b\\"[c", [', tokens('stringChunk', 'endString', 'startArray')), 8)
  t.equal(locate('key":[', tokens('stringChunk', 'endKey', 'startArray')), 5)
  t.equal(locate('5e1,[', tokens('numberChunk', 'endNumber', 'startArray')), 4)
  t.equal(locate(',[', tokens('endNumber', 'startArray')), 1)
})

t.test('a token that began in an earlier text is at the beginning of this one', async t => {
  t.equal(locate('more of a string', tokens('stringChunk')), 0)
  t.equal(locate('e", 1', tokens('stringChunk', 'endString')), 0)
})
