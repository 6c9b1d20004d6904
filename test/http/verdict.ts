import t from 'tap'
import type { Head } from '../../lib/http/head.js'
import type { Question, Version } from '../../lib/http/ranges.js'
import { type Asked, judge, wasIgnored } from '../../lib/http/verdict.js'

const kib = 1024
const monday = 'Mon, 01 Jun 2026 08:00:00 GMT'
const v1: Version = { etag: '"v1"', lastModified: monday, total: 5000 }

const question = (
  range?: Question['range'],
  headers: Question['headers'] = {},
  expectBytes = 1000,
): Question => ({
  ...(range && { range }),
  headers,
  expectBytes,
})

const first = question({ start: 0, end: 999 })
const second = question({ start: 1000, end: 1999 }, { 'if-match': '"v1"' })
const rest = question({ start: 1000 }, { 'if-range': '"v1"' }, 4000)

const asked = (facts: Partial<Asked>): Asked => ({
  question: question(),
  have: 0,
  version: undefined,
  isPaced: true,
  isConditional: false,
  ...facts,
})

const next: Partial<Asked> = { question: second, have: 1000, version: v1 }
const resumed: Partial<Asked> = { question: rest, have: 1000, version: v1, isPaced: false }

const head = (status: number, headers: Head['headers'] = {}): Head => ({ status, headers })

const part = (range: string, headers: Head['headers'] = { etag: '"v1"', 'last-modified': monday }): Head =>
  head(206, { 'content-range': `bytes ${range}`, ...headers })

const broken = { code: 'ERR_HTTP_PROTOCOL', scope: 'attempt' }
const refused = { code: 'ERR_HTTP_PROTOCOL', scope: 'entry' }
const changed = { code: 'ERR_CHANGED', scope: 'attempt' }

/** Heads, what was asked, and what the heads mean: a verdict or an error. */
const table: Record<string, [string, Head, Partial<Asked>, object][]> = {
  'a whole asset is taken where it was paid for': [
    [
      'as long as granted',
      head(200, { 'content-length': '1000' }),
      {},
      { take: 'whole', version: { total: 1000 } },
    ],
    [
      'empty',
      head(200, { 'content-length': '0' }),
      { question: first },
      { take: 'whole', version: { total: 0 } },
    ],
    ['of unknown length', head(200, { etag: '"v1"' }), {}, { take: 'whole', version: { etag: '"v1"' } }],
    ['transformed on the way', head(203), {}, { take: 'whole', version: {} }],
    [
      'a little longer',
      head(200, { 'content-length': `${1000 + 64 * kib}`, 'last-modified': monday }),
      {},
      { take: 'whole', version: { total: 1000 + 64 * kib, lastModified: monday } },
    ],
    [
      'much longer, where nothing is paced',
      head(200, { 'content-length': '9000000' }),
      { isPaced: false },
      { take: 'whole', version: { total: 9_000_000 } },
    ],
    [
      'in place of the next range',
      head(200, { 'content-length': '5000', etag: '"v2"' }),
      next,
      { take: 'whole', version: { etag: '"v2"', total: 5000 } },
    ],
    [
      'in place of a rest that has changed',
      head(200, { 'content-length': '9000000', etag: '"v2"' }),
      resumed,
      { take: 'whole', version: { etag: '"v2"', total: 9_000_000 } },
    ],
  ],
  'a whole asset that was not paid for is given up': [
    [
      'longer than was known',
      head(200, { 'content-length': '900000' }),
      {},
      { ask: 'granted', length: 900_000 },
    ],
    [
      'a byte too long',
      head(200, { 'content-length': `${1001 + 64 * kib}` }),
      {},
      { ask: 'granted', length: 1001 + 64 * kib },
    ],
    [
      'in place of a range',
      head(200, { 'content-length': '900000' }),
      { question: first },
      { ask: 'whole', length: 900_000 },
    ],
    [
      'in place of a rest that has changed',
      head(200, { 'content-length': '900000' }),
      { ...resumed, isPaced: true, question: { ...rest, expectBytes: 1000 } },
      { ask: 'granted', length: 900_000 },
    ],
  ],
  'a part is taken where it goes on with what is there': [
    [
      'the first',
      part('0-999/5000'),
      { question: first },
      { take: 'part', version: v1, bytes: 1000, isLast: false },
    ],
    [
      'the first and only',
      part('0-499/500', {}),
      { question: first },
      { take: 'part', version: { total: 500 }, bytes: 500, isLast: true },
    ],
    ['the next', part('1000-1999/5000'), next, { take: 'part', version: v1, bytes: 1000, isLast: false }],
    ['less than was asked for', part('1000-1000/5000'), next, { take: 'part', bytes: 1, isLast: false }],
    ['the rest', part('1000-4999/5000'), resumed, { take: 'part', version: v1, bytes: 4000, isLast: true }],
    ['less than the rest', part('1000-1999/5000'), resumed, { take: 'part', bytes: 1000, isLast: false }],
    [
      'of a length that was not known',
      part('1000-1999/5000'),
      { ...next, version: { etag: '"v1"' } },
      { take: 'part', version: v1 },
    ],
    [
      'of the same strong ETag, whatever the date',
      part('1000-1999/5000', { etag: '"v1"' }),
      next,
      { take: 'part', version: { etag: '"v1"', total: 5000 } },
    ],
    [
      'of the same date, without a strong ETag',
      part('1000-1999/5000', { etag: 'W/"v2"', 'last-modified': monday }),
      { ...next, version: { ...v1, etag: 'W/"v1"' } },
      { take: 'part' },
    ],
    [
      'as it is, and saying so',
      part('0-999/5000', { etag: '"v1"', 'content-encoding': 'identity' }),
      { question: first },
      { take: 'part' },
    ],
  ],
  'a part that cannot be gone on with makes the whole be asked for': [
    ['no validator', part('0-999/5000', {}), { question: first }, { ask: 'whole' }],
    ['a weak ETag only', part('0-999/5000', { etag: 'W/"v1"' }), { question: first }, { ask: 'whole' }],
    ['no length', part('0-999/*'), { question: first }, { ask: 'whole' }],
    [
      'encoded',
      part('0-999/5000', { etag: '"v1"', 'content-encoding': 'gzip' }),
      { question: first },
      { ask: 'whole' },
    ],
    [
      'encoded and short',
      part('0-9/10', { 'content-encoding': 'br' }),
      { question: first },
      { ask: 'whole' },
    ],
  ],
  'another version is a change': [
    ['another ETag', part('1000-1999/5000', { etag: '"v2"', 'last-modified': monday }), next, changed],
    ['a weak ETag', part('1000-1999/5000', { etag: 'W/"v1"', 'last-modified': monday }), next, changed],
    ['no ETag', part('1000-1999/5000', { 'last-modified': monday }), next, changed],
    ['another length', part('1000-1999/6000'), next, changed],
    [
      'another date',
      part('1000-1999/5000', { 'last-modified': 'Tue, 02 Jun 2026 08:00:00 GMT' }),
      { ...next, version: { lastModified: monday, total: 5000 } },
      changed,
    ],
    ['a precondition that failed', head(412), next, changed],
  ],
  'a part that contradicts what was asked is an error': [
    ['nothing asked for', part('0-999/5000'), {}, refused],
    ['no Content-Range', head(206, { etag: '"v1"' }), { question: first }, broken],
    [
      'several parts',
      head(206, { 'content-type': 'multipart/byteranges; boundary=x' }),
      { question: first },
      broken,
    ],
    ['a Content-Range of a 416', part('*/5000'), { question: first }, broken],
    ['a Content-Range that is none', part('999-0/5000'), { question: first }, broken],
    ['another unit', head(206, { 'content-range': 'lines 0-999/5000' }), { question: first }, broken],
    ['an earlier start', part('999-1998/5000'), next, broken],
    ['a later start', part('1001-1999/5000'), next, broken],
    ['a later end', part('1000-2000/5000'), next, broken],
  ],
  'a range that cannot be had says what there is': [
    [
      'all is there',
      head(416, { 'content-range': 'bytes */1000' }),
      { ...next, version: { etag: '"v1"' } },
      { done: 'complete' },
    ],
    [
      'all is there, of the same version',
      head(416, { 'content-range': 'bytes */1000', etag: '"v1"', 'last-modified': monday }),
      { ...next, version: { ...v1, total: 1000 } },
      { done: 'complete' },
    ],
    [
      'as much is there, where more was told before',
      head(416, { 'content-range': 'bytes */1000' }),
      next,
      { ask: 'granted', length: 1000 },
    ],
    [
      'as much is there, of another day',
      head(416, { 'content-range': 'bytes */1000', 'last-modified': 'Tue, 06 Jan 2026 00:00:00 GMT' }),
      { ...next, version: { ...v1, total: 1000 } },
      { ask: 'granted', length: 1000 },
    ],
    [
      'as much is there, of another version',
      head(416, { 'content-range': 'bytes */1000', etag: '"v2"' }),
      next,
      { ask: 'granted', length: 1000 },
    ],
    [
      'more is there than there is',
      head(416, { 'content-range': 'bytes */500' }),
      next,
      { ask: 'granted', length: 500 },
    ],
    [
      'an empty asset',
      head(416, { 'content-range': 'bytes */0' }),
      { question: first },
      { ask: 'granted', length: 0 },
    ],
    ['nothing said', head(416), next, { ask: 'whole' }],
    [
      'a part in place of a length',
      head(416, { 'content-range': 'bytes 0-999/1000' }),
      next,
      { ask: 'whole' },
    ],
    [
      'no first range of an asset that has bytes',
      head(416, { 'content-range': 'bytes */5000' }),
      { question: first },
      { ask: 'whole' },
    ],
    [
      'no range was asked for',
      head(416, { 'content-range': 'bytes */0' }),
      {},
      { code: 'ERR_HTTP_STATUS', scope: 'entry' },
    ],
  ],
  'not modified is an answer to a condition only': [
    ['to a condition', head(304), { isConditional: true }, { done: 'not-modified' }],
    ['to none', head(304), {}, refused],
    ['to the next range', head(304), next, refused],
  ],
  'an origin that does not heed the condition is told by the ETag that is there': [
    [
      'whole',
      head(200, { etag: '"v1"' }),
      { isConditional: true, unwanted: '"v1"' },
      { done: 'not-modified' },
    ],
    [
      'a first range',
      part('0-999/5000'),
      { isConditional: true, unwanted: '"v1"', question: first },
      { done: 'not-modified' },
    ],
    ['another', head(200, { etag: '"v2"' }), { isConditional: true, unwanted: '"v1"' }, { take: 'whole' }],
    [
      'a weak one',
      head(200, { etag: 'W/"v1"' }),
      { isConditional: true, unwanted: 'W/"v1"' },
      { take: 'whole' },
    ],
    ['without a condition', head(200, { etag: '"v1"' }), { unwanted: '"v1"' }, { take: 'whole' }],
  ],
  'a transfer coding besides chunks is none that was asked for': [
    ...['gzip', 'gzip, chunked', 'chunked, gzip', 'x'].map((coding): (typeof table)[string][number] => [
      coding,
      head(200, { 'transfer-encoding': coding }),
      {},
      { code: 'ERR_ENCODING' },
    ]),
    ...['chunked', 'Chunked', 'identity', ''].map((coding): (typeof table)[string][number] => [
      coding,
      head(200, { 'transfer-encoding': coding }),
      {},
      { take: 'whole', version: {} },
    ]),
  ],
  'no other status carries an asset': [
    ['no content', head(204), {}, refused],
    ['reset content', head(205), {}, refused],
    ['a difference', head(226), {}, refused],
  ],
}

for (const [title, cases] of Object.entries(table))
  t.test(title, t => {
    for (const [name, answer, facts, result] of cases) {
      if ('code' in result)
        t.throws(() => judge(answer, asked(facts)), result as { code: string; scope: string }, name)
      else t.match(judge(answer, asked(facts)), result, name)
    }
    t.end()
  })

t.test('a 200 tells that ranges are ignored where one was asked for without If-Range', t => {
  t.equal(wasIgnored(first), true)
  t.equal(wasIgnored(second), true)
  t.equal(wasIgnored(rest), false)
  t.equal(wasIgnored(question()), false)
  t.end()
})
