import t from 'tap'
import { parseHeaders } from '../lib/headers.js'

t.test('headers that can be sent are taken as they are', async t => {
  const headers = { Accept: 'image/*', 'X-Key': 'a\tb \u00e9', "!#$%&'*+.^_`|~": '' }
  t.equal(parseHeaders(headers), headers)
  t.strictSame(parseHeaders({}), {})
})

const refused: [fault: string, headers: unknown][] = [
  ['a line', 'Authorization: secret'],
  ['a list', ['secret']],
  ['nothing', null],
  ['a value that ends the header', { 'X-Key': 'secret\r\nHost: h' }],
  ['a value with a null character', { 'X-Key': 'secret\u0000' }],
  ['a value beyond Latin-1', { 'X-Key': 'secret\u0100' }],
  ['a list of values', { 'X-Key': ['secret'] }],
  ['no name', { '': 'secret' }],
  ['a name with a blank', { 'X Key': 'secret' }],
  ['a name that is the whole header', { 'X-Key: secret': '' }],
  ['a name that ends the header', { 'X-Key\nsecret': '' }],
  ['a bad one after a good one', { Accept: 'secret', Range: 'secret' }],
]

t.test('headers that cannot be sent are refused without telling their values', async t => {
  for (const [fault, headers] of refused)
    try {
      parseHeaders(headers)
      t.fail(fault)
    } catch (error) {
      t.match(error, { code: 'ERR_ENTRY_INVALID', scope: 'entry' }, fault)
      t.notMatch((error as Error).message, /secret/, fault)
    }
})

const reserved =
  'Accept-Encoding Connection Content-Length Expect Host If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive Range TE Trailer Transfer-Encoding Upgrade'

t.test('headers that sluice decides about are refused in any case of their letters', async t => {
  for (const name of reserved.split(' '))
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()])
      t.throws(() => parseHeaders({ [spelling]: '1' }), {
        code: 'ERR_ENTRY_INVALID',
        message: `expected no header that sluice sends itself, got "${spelling}"`,
      })
})
