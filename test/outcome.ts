import fc from 'fast-check'
import t from 'tap'
import { badRow } from '../lib/bad-row.js'
import { parseEntry } from '../lib/entry.js'
import { SyncError } from '../lib/errors.js'
import { duplicate, failed, isOutcome, planned, stored, toLine, unchanged } from '../lib/outcome.js'

const entry = parseEntry({ url: 'https://h/a', path: 'a', sku: 'A1', size: 2 }, 4)
const facts = { bytes: 2, received: 300, attempts: 1, ms: 5 }

t.test('an outcome repeats its entry and says how it ended', t => {
  const echo = { index: 4, url: 'https://h/a', path: 'a', sku: 'A1', size: 2 }
  t.same(stored(entry, facts), { ...echo, status: 'stored', ...facts })
  t.same(planned(entry, { bytes: 2 }), { ...echo, status: 'planned', bytes: 2 })
  t.same(planned(entry, {}), { ...echo, status: 'planned' })
  t.same(unchanged(entry, 'etag', { received: 1 }), {
    ...echo,
    status: 'skipped',
    reason: 'unchanged',
    by: 'etag',
    received: 1,
  })
  t.same(unchanged(entry, 'exists'), { ...echo, status: 'skipped', reason: 'unchanged', by: 'exists' })
  t.same(duplicate(entry, 1), { ...echo, status: 'skipped', reason: 'duplicate', of: 1 })
  t.same(failed(entry, new SyncError('ERR_PATH_TAKEN', 'taken'), { of: 1 }), {
    ...echo,
    status: 'failed',
    error: { code: 'ERR_PATH_TAKEN', message: 'taken', retryable: false },
    of: 1,
  })
  t.notOk('path' in stored(parseEntry('https://h/a', 0), facts))
  t.end()
})

t.test('a field called __proto__ comes back, and is nothing but a field', t => {
  const given = JSON.parse('{"url":"https://h/a","__proto__":{"bytes":5,"error":1}}')
  for (const outcome of [stored(parseEntry(given, 0), facts), planned(parseEntry(given, 0), {})]) {
    t.match(toLine(outcome), '"__proto__":{"bytes":5,"error":1}')
    t.notOk('error' in outcome)
  }
  t.end()
})

t.test('a failure tells its status and when to try again', t => {
  const error = new SyncError('ERR_HTTP_STATUS', 'the origin answered 503', {
    scope: 'attempt',
    statusCode: 503,
    retryAt: '2026-06-01T00:00:00.000Z',
  })
  t.same(failed(entry, error).error, {
    code: 'ERR_HTTP_STATUS',
    message: 'the origin answered 503',
    statusCode: 503,
    retryable: true,
    retryAt: '2026-06-01T00:00:00.000Z',
  })
  t.end()
})

t.test('a bad row fails with what can be repeated of it', t => {
  const error = new SyncError('ERR_ENTRY_INVALID', 'not JSON')
  t.match(failed(badRow('{', 2, error), error), {
    index: 2,
    status: 'failed',
    row: '{',
    error: { message: 'not JSON' },
  })
  t.match(failed(badRow({ url: 'x', sku: 1 }, 2, error), error), {
    index: 2,
    url: 'x',
    sku: 1,
    status: 'failed',
  })
  t.end()
})

t.test('an entry cannot pass for an outcome', t => {
  const forged = parseEntry({ url: 'https://h/a', status: 'stored', error: 'x', bytes: 9 }, 0)
  t.notOk(isOutcome(forged))
  t.match(stored(forged, facts), { bytes: 2 })
  t.notOk('error' in stored(forged, facts))
  t.ok(isOutcome(stored(forged, facts)))
  t.end()
})

t.test('a line is one line of JSON that is safe to show and reads back the same', t => {
  const special = fc.constantFrom(
    '\u001b[2J',
    '\n',
    '\u009b',
    '\u007f',
    '\u202e',
    '\u2028',
    '\ufeff',
    '"',
    '\\',
    '🙂',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.string())), pieces => {
      const outcome = stored(parseEntry({ url: 'https://h/a', note: pieces.join('') }, 0), facts)
      const line = toLine(outcome)
      t.same(JSON.parse(line), outcome)
      t.ok(line.endsWith('}\n'))
      t.notMatch(line.slice(0, -1), /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/u)
    }),
  )
  t.end()
})
