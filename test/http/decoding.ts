import { randomBytes } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import t from 'tap'
import { SyncError } from '../../lib/errors.js'
import { bound, codingOf, decoding } from '../../lib/http/decoding.js'
import { wrap } from '../../lib/wrap.js'

const mib = 1024 * 1024
const text = Buffer.from('All bytes arrive as they are. '.repeat(1000))

const packers: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: bytes => zlib.gzipSync(bytes),
  deflate: bytes => zlib.deflateSync(bytes),
  br: bytes => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
}

const forms: [title: string, coding: string, pack: (bytes: Buffer) => Buffer][] = [
  ...Object.entries(packers).map(([coding, pack]) => [coding, coding, pack] as (typeof forms)[number]),
  ['raw deflate', 'deflate', bytes => zlib.deflateRawSync(bytes)],
]

/** What `wire` becomes, in chunks of `size`, or the error that it ends with. */
const decode = async (
  coding: string,
  wire: Buffer,
  { size = 16 * 1024, bounded = false } = {},
): Promise<{ bytes: Buffer; error?: SyncError }> => {
  const chunks: Buffer[] = []
  for (let at = 0; at < wire.length; at += size) chunks.push(wire.subarray(at, at + size))
  const parts: Buffer[] = []
  const into = new Writable({
    write(part: Buffer, _encoding, callback) {
      parts.push(part)
      // A disk takes its time.
      setImmediate(callback)
    },
  })
  const [decoder] = decoding({ coding, bounded })
  if (!decoder) throw new Error(`${coding} needs a decoder`)
  try {
    await pipeline(Readable.from(chunks), decoder, into)
    return { bytes: Buffer.concat(parts) }
  } catch (error) {
    return { bytes: Buffer.concat(parts), error: wrap(error) }
  }
}

t.test('what was encoded comes out as it was, however it is cut up', async t => {
  const noise = randomBytes(300_000)
  for (const [title, coding, pack] of forms)
    for (const [what, bytes] of [
      ['text', text],
      ['noise', noise],
      ['one byte', Buffer.from('a')],
      ['nothing', Buffer.alloc(0)],
    ] as const)
      for (const size of [1, 1000, mib]) {
        if (size === 1 && bytes.length > 1000) continue
        const { bytes: found, error } = await decode(coding, pack(bytes), { size })
        t.equal(error, undefined, `${title}, ${what}`)
        t.ok(found.equals(bytes), `${title}, ${what} in chunks of ${size}`)
      }
})

t.test('a body without bytes is an empty one', async t => {
  for (const [title, coding] of forms) {
    const { bytes, error } = await decode(coding, Buffer.alloc(0))
    t.equal(error, undefined, title)
    t.equal(bytes.length, 0, title)
  }
})

t.test('gzip in several members is one body', async t => {
  const { bytes } = await decode('gzip', Buffer.concat([zlib.gzipSync(text), zlib.gzipSync(text)]))
  t.ok(bytes.equals(Buffer.concat([text, text])))
})

t.test('a body that is cut off is a short one, and can be fetched again', async t => {
  for (const [title, coding, pack] of forms) {
    const wire = pack(text)
    for (const length of [1, 2, Math.floor(wire.length / 2), wire.length - 1])
      t.match(
        (await decode(coding, wire.subarray(0, length))).error,
        { code: 'ERR_BODY_SHORT', scope: 'attempt' },
        `${title}, ${length} bytes of ${wire.length}`,
      )
  }
})

t.test('a body that is not what it says is an error, and may be right the next time', async t => {
  const page = Buffer.from('<html><body>We are sorry, but something went wrong.</body></html>')
  for (const [title, coding, pack] of forms) {
    const damaged = pack(Buffer.from(Array.from({ length: 9999 }, (_, n) => `${n * n}`).join(' ')))
    damaged.fill(0xff, 1000, 1100)
    for (const wire of [page, damaged, Buffer.alloc(1000, 0xff)])
      t.match((await decode(coding, wire)).error, { code: 'ERR_ENCODING', scope: 'attempt' }, title)
  }
})

t.test('a checksum that does not match is an error', async t => {
  for (const coding of ['gzip', 'deflate']) {
    const wire = packers[coding]?.(text) ?? Buffer.alloc(0)
    const at = coding === 'gzip' ? wire.length - 8 : wire.length - 1
    wire[at] = (wire[at] ?? 0) ^ 1
    t.match((await decode(coding, wire)).error, { code: 'ERR_ENCODING' }, coding)
  }
})

t.test('bytes after the end of what was packed change nothing, and hold nothing up', async t => {
  for (const [title, coding, pack] of forms.filter(([, coding]) => !coding.endsWith('gzip'))) {
    const { bytes, error } = await decode(coding, Buffer.concat([pack(text), Buffer.alloc(mib, 'x')]))
    t.equal(error, undefined, title)
    t.ok(bytes.equals(text), title)
  }
  t.match(
    (await decode('gzip', Buffer.concat([zlib.gzipSync(text), Buffer.from('garbage')]))).error,
    { code: 'ERR_ENCODING' },
    'after gzip another member would have to come',
  )
})

t.test('a body that unpacks to more than a hundred times its size is stopped in time', async t => {
  for (const [title, coding, pack] of forms) {
    const { bytes, error } = await decode(coding, pack(Buffer.alloc(16 * mib)), { size: 1000 })
    t.match(error, { code: 'ERR_ENCODING', scope: 'entry' }, title)
    t.ok(bytes.length <= mib, `${title}: ${bytes.length} bytes came through`)
  }
})

t.test('up to 1 MiB any ratio will do, and above it up to a hundred', async t => {
  const blank = Buffer.alloc(mib)
  /** 200 pieces that unpack to 20,000 bytes of nothing and as many of noise as `noise` says. */
  const filled = (noise: number): Buffer =>
    Buffer.concat(
      Array.from({ length: 200 }, () => Buffer.concat([randomBytes(noise), Buffer.alloc(20_000)])),
    )
  const [dense, hollow] = [filled(250), filled(110)]
  for (const [title, coding, pack] of forms) {
    t.ok((await decode(coding, pack(blank))).bytes.equals(blank), title)
    const packed = pack(dense)
    t.ok(dense.length / packed.length < 100 && dense.length > 3 * mib)
    t.ok((await decode(coding, packed)).bytes.equals(dense), title)
    const { length } = pack(hollow)
    t.ok(hollow.length / length > 105 && hollow.length / length < 190, `${title}: ${hollow.length / length}`)
    t.match((await decode(coding, pack(hollow))).error, { code: 'ERR_ENCODING', scope: 'entry' }, title)
  }
})

t.test('no ratio counts where the length is bounded otherwise', async t => {
  const { bytes, error } = await decode('gzip', zlib.gzipSync(Buffer.alloc(4 * mib)), { bounded: true })
  t.equal(error, undefined)
  t.equal(bytes.length, 4 * mib)
})

t.test('what is not read is not unpacked', async t => {
  const [decoder] = decoding({ coding: 'gzip', bounded: true })
  if (!decoder) throw new Error('gzip needs a decoder')
  t.teardown(() => decoder.destroy())
  let isTaken = false
  decoder.write(zlib.gzipSync(Buffer.alloc(32 * mib)), () => (isTaken = true))
  // It is full before a hundredth is unpacked, and nobody reads.
  await new Promise<void>(resolve => void decoder.once('readable', resolve))
  for (let turn = 0; turn < 100; turn++) await new Promise<void>(resolve => void setImmediate(resolve))
  t.ok(decoder.readableLength < mib, `${decoder.readableLength} bytes are held`)
  t.notOk(isTaken)
})

t.test('an encoding that is not known is refused', t => {
  for (const coding of [
    'zstd',
    'compress',
    'gzip, br',
    'gzip, identity',
    'constructor',
    '__proto__',
    'tostring',
  ])
    t.throws(() => decoding({ coding, bounded: false }), { code: 'ERR_ENCODING', scope: 'entry' }, coding)
  t.strictSame(decoding({ coding: undefined, bounded: false }), [])
  t.end()
})

t.test('the encoding is what the head says, where it says any', t => {
  for (const [said, coding] of [
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    [' Identity ', undefined],
    ['GZip', 'gzip'],
    ['X-GZIP', 'gzip'],
    [' br ', 'br'],
    ['gzip, br', 'gzip, br'],
  ] as const) {
    const headers = said === undefined ? {} : { 'content-encoding': said }
    t.equal(codingOf({ status: 200, headers }), coding, said ?? 'nothing')
  }
  t.end()
})

t.test('a bound lets through as much as it says, and fails with the error it was given', async t => {
  const toError = () => new SyncError('ERR_TOO_LARGE', 'too much')
  for (const [maxBytes, isFine] of [
    [10, true],
    [9, false],
  ] as const) {
    const parts: Buffer[] = []
    const into = new Writable({
      write(part: Buffer, _encoding, callback) {
        parts.push(part)
        callback()
      },
    })
    const flowing = pipeline(
      Readable.from([Buffer.alloc(6), Buffer.alloc(4)]),
      bound({ maxBytes, toError }),
      into,
    )
    if (isFine) await flowing
    else await t.rejects(flowing, { code: 'ERR_TOO_LARGE' })
    t.ok(Buffer.concat(parts).length <= maxBytes)
  }
})
