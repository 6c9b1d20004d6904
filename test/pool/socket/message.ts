import t from 'tap'
import * as message from '../../../lib/pool/socket/message.js'

t.test('a change of the language is a change of its number', async t => {
  t.strictSame({ ...message }, { protocol: 1, longestRequestBytes: 65_536, longestReplyBytes: 16_777_216 })
})
