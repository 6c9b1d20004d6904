import t from 'tap'
import type { Connection } from '../../lib/http/connection.js'
import { saysNothing, toProtocolError } from '../../lib/http/protocol-error.js'

const connectionOf = (hasEnded: boolean) => ({ hasEnded: () => hasEnded }) as Connection

t.test('a response that breaks off is told from one that is refused', async t => {
  const ambiguous = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
  t.match(toProtocolError(ambiguous, true, connectionOf(true)), { code: 'ERR_BODY_SHORT' })
  t.match(toProtocolError(ambiguous, true, connectionOf(false)), { code: 'ERR_HTTP_PROTOCOL' })
  t.equal(toProtocolError(ambiguous, false, connectionOf(true)), ambiguous, 'before a head it is neither')
  const assertion = Object.assign(new Error('status'), { code: 'ERR_ASSERTION' })
  t.match(toProtocolError(assertion, false, connectionOf(true)), { code: 'ERR_HTTP_PROTOCOL' })
  const other = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
  t.equal(toProtocolError(other, true, connectionOf(true)), other, 'any other tells enough itself')
})

t.test('what says nothing is not asked again', async t => {
  t.match(saysNothing(), { code: 'ERR_HTTP_PROTOCOL', scope: 'entry' })
})
