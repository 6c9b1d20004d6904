import t from 'tap'
import { standing, termsOf } from '../../../fixtures/pool/terms.js'
import { readRequest } from '../../../lib/pool/socket/check-request.js'

const terms = termsOf(10, { quotas: [{ of: 'bytes', limit: 5, period: '2026-11-30', endsAt: 1 }] })
const request = { kind: 'request', actor: 'one', user: 'alice', order: standing, terms }
const cost = { requests: 1, units: 0, bytes: -1 }

const good: readonly object[] = [
  { open: 'pool', protocol: 1 },
  { status: true },
  { listen: 'one' },
  { unlisten: 'one' },
  { call: request },
  { call: { ...request, order: undefined, agreement: '10 requests a second' } },
  { call: { kind: 'leave', actor: 'one', terms } },
  { call: { kind: 'settle', user: 'alice', weight: 0.5, more: cost, terms } },
  { call: { kind: 'refund', unused: { ...cost, bytes: 0 }, terms } },
  { call: { kind: 'refund', unused: { requests: -2, units: 0, bytes: -5 }, terms } },
  { call: { kind: 'pause', user: 'alice', us: 5, cut: true, terms } },
  { call: { kind: 'pause', us: 5, cut: false, terms } },
  { call: { kind: 'resume', terms } },
  { call: { kind: 'hold', origin: 'https://example.com', us: 5, terms } },
  { call: { kind: 'set', pool: terms.pool, terms } },
  { call: { kind: 'set', terms } },
  { call: { kind: 'tick', terms } },
]

t.test('whatever a client can ask is read as it is', async t => {
  for (const [id, ask] of good.entries()) {
    const line = JSON.stringify({ id, ...ask })
    t.strictSame(readRequest(line), JSON.parse(line), line)
  }
})

const bad: readonly object[] = [
  {},
  { open: '', protocol: 1 },
  { open: 'a'.repeat(2000), protocol: 1 },
  { open: 'pool' },
  { status: false },
  { status: true, listen: 'one' },
  { call: null },
  { call: { kind: 'explode', terms } },
  { call: { kind: '__proto__', terms } },
  { call: { kind: 'tick' } },
  { call: { kind: 'tick', terms: { ...terms, lookAhead: null } } },
  { call: { kind: 'tick', terms: { ...terms, lookahead: 1 } } },
  { call: { kind: 'tick', terms: { ...terms, pool: [{ of: 'apples', interval: 1, savings: 0 }] } } },
  { call: { kind: 'tick', terms: { ...terms, pool: [{ of: 'bytes', interval: -1, savings: 0 }] } } },
  { call: { kind: 'tick', terms: { ...terms, pool: Array(100).fill(terms.pool[0]) } } },
  { call: { ...request, actor: 5 } },
  { call: { ...request, incarnation: 'mine' } },
  { call: { ...request, order: { ...standing, count: 1.5 } } },
  { call: { ...request, order: { ...standing, weight: 0 } } },
  { call: { ...request, order: { ...standing, cost } } },
  { call: { ...request, order: { ...standing, count: 1e300 } } },
  { call: { kind: 'pause', us: 'long', cut: true, terms } },
  { call: { kind: 'settle', user: 'alice', weight: 1, more: [1, 2, 3], terms } },
]

t.test('whatever else there is is an error with the id that it has', async t => {
  for (const ask of bad) {
    const line = JSON.stringify({ id: 7, ...ask })
    t.strictSame(readRequest(line), { id: 7, error: 'expected a request that this version knows' }, line)
  }
  for (const line of ['', '{', '\0', 'GET / HTTP/1.1', '{"id":1'])
    t.strictSame(readRequest(line), { id: undefined, error: 'expected a line of JSON' }, line)
  for (const line of ['1', 'null', '"a"', '[]', '{"id":"7","status":true}', '{"status":true}'])
    t.match(readRequest(line), { id: undefined, error: 'expected a request that this version knows' }, line)
  t.match(readRequest('['.repeat(100_000)), { id: undefined, error: String })
})
