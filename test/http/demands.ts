import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { type DemandsOptions, demands, throughPart } from '../../lib/http/demands.js'
import type { Head } from '../../lib/http/head.js'

const demandsOf = (options: Partial<DemandsOptions> = {}) =>
  demands({ size: undefined, maxBytes: Number.POSITIVE_INFINITY, accept: '*/*', ...options })

t.test('a length that nothing can put right is refused at once', t => {
  const cases: [Partial<DemandsOptions>, number, { code: string } | undefined][] = [
    [{}, 1e12, undefined],
    [{ maxBytes: 10 }, 10, undefined],
    [{ maxBytes: 10 }, 11, { code: 'ERR_TOO_LARGE' }],
    [{ size: 10 }, 10, undefined],
    [{ size: 10 }, 9, { code: 'ERR_BODY_SHORT' }],
    [{ size: 10 }, 11, { code: 'ERR_BODY_LONG' }],
    [{ size: 0 }, 0, undefined],
    [{ size: 0 }, 1, { code: 'ERR_BODY_LONG' }],
    [{ size: 10, maxBytes: 9 }, 10, { code: 'ERR_TOO_LARGE' }],
  ]
  for (const [options, bytes, error] of cases) {
    const check = () => demandsOf(options).checkLength(bytes)
    if (error) t.throws(check, { ...error, scope: 'entry' }, JSON.stringify({ options, bytes }))
    else t.doesNotThrow(check, JSON.stringify({ options, bytes }))
  }
  t.end()
})

const head = (headers: Head['headers'] = {}, status = 200): Head => ({ status, headers })

t.test('a type that is not accepted is refused', t => {
  const cases: [accept: string, Head, isFine: boolean, told?: string][] = [
    ['*/*', head(), true],
    ['image/*', head({ 'content-type': 'image/png' }), true],
    ['image/*', head({ 'content-type': 'text/html; charset=utf-8' }), false],
    ['image/*', head(), false],
    ['image/*', head({ 'content-type': 'text/html' }, 206), false],
    ['image/*', head({}, 206), false],
    // A part may leave out what was said before.
    ['image/*', head({}, 206), true, 'image/png'],
    ['image/*', head({}, 206), false, 'text/html'],
  ]
  for (const [accept, answer, isFine, told] of cases) {
    const check = () => demandsOf({ accept }).checkType(answer, told)
    if (isFine) t.doesNotThrow(check)
    else t.throws(check, { code: 'ERR_TYPE', scope: 'entry', message: /expected image\/\*, got/ })
  }
  t.end()
})

/** What comes of `wire` on its way through what is demanded of it, or how it fails. */
const flow = async (wire: Buffer, headers: Head['headers'], options: Partial<DemandsOptions>) => {
  const parts: Buffer[] = []
  const through = demandsOf(options).through(head(headers))
  const into = new Writable({
    write(part: Buffer, _encoding, callback) {
      parts.push(part)
      callback()
    },
  })
  try {
    await pipeline([Readable.from([wire]), ...through, into])
  } catch (error) {
    return { error, count: through.length }
  }
  return { bytes: Buffer.concat(parts), count: through.length }
}

t.test('a body of unknown length is bounded on its way, decoded where it is encoded', async t => {
  const plain = Buffer.from('0123456789')
  const packed = gzipSync(plain)
  const gzip = { 'content-encoding': 'gzip', 'content-length': `${packed.length}` }
  const known = { 'content-length': '10' }
  const long = { code: 'ERR_BODY_LONG' }
  const large = { code: 'ERR_TOO_LARGE' }
  const cases: [string, Buffer, Head['headers'], Partial<DemandsOptions>, object][] = [
    ['nothing is demanded', plain, {}, {}, { bytes: plain, count: 0 }],
    ['the length is checked by now', plain, known, { size: 10 }, { bytes: plain, count: 0 }],
    ['as much as is allowed', plain, {}, { maxBytes: 10 }, { bytes: plain, count: 1 }],
    ['more than is allowed', plain, {}, { maxBytes: 9 }, { error: large }],
    ['as much as is demanded', plain, {}, { size: 10 }, { bytes: plain }],
    ['more than is demanded', plain, {}, { size: 9 }, { error: long }],
    [
      'more than is demanded, which is all that is allowed',
      plain,
      {},
      { size: 9, maxBytes: 9 },
      { error: long },
    ],
    [
      'more than is allowed, though less than is demanded',
      plain,
      {},
      { size: 99, maxBytes: 9 },
      { error: large },
    ],
    ['encoded', packed, gzip, {}, { bytes: plain, count: 1 }],
    ['what is demanded is meant decoded', packed, gzip, { size: 10 }, { bytes: plain, count: 2 }],
    ['what is allowed is meant decoded', packed, gzip, { maxBytes: 9 }, { error: large }],
    ['said to be as it is', plain, { ...known, 'content-encoding': 'identity' }, { size: 10 }, { count: 0 }],
  ]
  for (const [title, wire, headers, options, result] of cases)
    t.match(await flow(wire, headers, options), result, title)
})

t.test('a bomb is stopped by what bounds it', async t => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024))
  const gzip = { 'content-encoding': 'gzip' }
  t.match(await flow(bomb, gzip, {}), { error: { code: 'ERR_ENCODING' } }, 'its ratio')
  t.match(await flow(bomb, gzip, { maxBytes: 1e6 }), { error: { code: 'ERR_TOO_LARGE' } }, '--max-size')
  t.match(
    (await flow(bomb, gzip, { maxBytes: 1e7 })).bytes?.length,
    8 * 1024 * 1024,
    'nothing, where allowed',
  )
})

t.test('a part has as many bytes as its Content-Range says, told ahead or not', async t => {
  t.strictSame(throughPart(head({ 'content-length': '5' }), 5), [])
  t.throws(() => throughPart(head({ 'content-length': '6' }), 5), { code: 'ERR_HTTP_PROTOCOL' })
  const [bound] = throughPart(head(), 5)
  if (!bound) return t.fail('nothing bounds it')
  bound.resume()
  await t.rejects(pipeline(Readable.from([Buffer.alloc(6)]), bound), { code: 'ERR_HTTP_PROTOCOL' })
})
