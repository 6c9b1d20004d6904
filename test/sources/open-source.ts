import { EventEmitter, on } from 'node:events'
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import t from 'tap'
import { gate } from '../../fixtures/gate.js'
import { openSource, type Source } from '../../lib/sources/open-source.js'

/** A reader of one row per chunk. */
const chunks = async function* (bytes: Readable): AsyncGenerator<unknown[]> {
  for await (const chunk of bytes) yield [`bytes: ${chunk}`]
}

const rowsOf = async (source: Source): Promise<unknown[]> => {
  const rows: unknown[] = []
  for await (const batch of openSource(source, chunks).batches) rows.push(...batch)
  return rows
}

const webStream = () =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from('a'))
      controller.enqueue(Buffer.from('b'))
      controller.close()
    },
  })

t.test('bytes are read as a manifest, anything else row by row', async t => {
  const later = async function* () {
    yield 'a'
    yield { url: 'b' }
  }
  const pieces = async function* () {
    yield new Uint8Array([97])
  }
  const cases: [string, () => Source, unknown[]][] = [
    ['a stream of bytes', () => Readable.from([Buffer.from('a')], { objectMode: false }), ['bytes: a']],
    ['a web stream', webStream, ['bytes: ab']],
    ['a stream of objects', () => Readable.from(['a', { url: 'b' }]), ['a', { url: 'b' }]],
    ['an array', () => ['a', { url: 'b' }], ['a', { url: 'b' }]],
    ['a set', () => new Set(['a']), ['a']],
    ['promises', () => [Promise.resolve('a')], ['a']],
    ['an async generator', later, ['a', { url: 'b' }]],
    ['pieces of bytes', () => [Buffer.from('a'), Buffer.from('b')], ['bytes: a', 'bytes: b']],
    [
      'a stream of pieces',
      () => Readable.from([Buffer.from('a'), new Uint8Array([98])]),
      ['bytes: a', 'bytes: b'],
    ],
    ['a generator of pieces', pieces, ['bytes: a']],
    ['a stream of text', () => Readable.from('[{"url":"a"}]'), ['bytes: [{"url":"a"}]']],
    [
      'a stream of pieces of text',
      () => Readable.from(['\ufeff {"url":', '"a"}']),
      ['bytes: \ufeff {"url":', 'bytes: "a"}'],
    ],
    [
      'a stream of lines',
      () => Readable.from(['http://a\nhttp:', '//b\n']),
      ['bytes: http://a\nhttp:', 'bytes: //b\n'],
    ],
    ['a stream of URLs', () => Readable.from(['http://a', 'http://b']), ['http://a', 'http://b']],
    ['an array of text that is no URL', () => ['[1]', '{}'], ['[1]', '{}']],
    ['nothing at all', () => [], []],
  ]
  for (const [title, source, rows] of cases) t.strictSame(await rowsOf(source()), rows, title)
})

t.test('what is neither is refused at once', async t => {
  const cases: [source: unknown, given: string][] = [
    ['http://a.test/1', 'text; a single URL goes into an array'],
    [Buffer.from('http://a.test/1'), 'bytes in one piece'],
    [undefined, 'undefined'],
    [null, 'null'],
    [7, 'number'],
    [{}, 'object'],
    [{ url: 'a' }, 'object'],
  ]
  for (const [source, given] of cases)
    t.throws(() => openSource(source as never, chunks), {
      code: 'ERR_OPTION',
      message: `source: expected a stream of bytes or an iterable of entries, got ${given}`,
    })
})

t.test('a stream that was read before is refused: an empty manifest would hide that', async t => {
  const stream = Readable.from([Buffer.from('a')], { objectMode: false })
  await stream.toArray()
  t.throws(() => openSource(stream, chunks), { code: 'ERR_OPTION', message: /got one that has ended$/ })
})

t.test('an iterable of bytes is let go of when its reader has enough', async t => {
  let isLeft = false
  const pieces = (async function* () {
    try {
      for (;;) yield Buffer.from('a')
    } finally {
      isLeft = true
    }
  })()
  for await (const batch of openSource(pieces, chunks).batches) {
    t.ok(batch)
    break
  }
  t.ok(isLeft)
})

t.test('nothing is read before the first batch is asked for', async t => {
  let asked = 0
  const rows = (function* () {
    asked++
    yield 'a'
  })()
  openSource(rows, chunks)
  await new Promise(setImmediate)
  t.equal(asked, 0)
})

t.test('closing lets go of a stream that is silent', async t => {
  for (const options of [{ read() {} }, { read() {}, objectMode: true }]) {
    const silent = new Readable(options)
    const { batches, close } = openSource(silent, chunks)
    const reading = batches[Symbol.asyncIterator]().next()
    await new Promise(setImmediate)
    close()
    t.ok(silent.destroyed)
    await t.rejects(reading)
  }
})

t.test('closing cancels a web stream that is silent', async () => {
  const cancelled = gate<unknown>()
  const { batches, close } = openSource(
    new ReadableStream<Uint8Array>({ cancel: reason => cancelled.open(reason) }),
    chunks,
  )
  const reading = batches[Symbol.asyncIterator]().next()
  await new Promise(setImmediate)
  close()
  await cancelled.promise
  await Promise.allSettled([reading])
})

t.test('closing ends an iterator of events that is silent', async t => {
  const emitter = new EventEmitter()
  const { batches, close } = openSource(on(emitter, 'row'), () => [] as never)
  const iterator = batches[Symbol.asyncIterator]()
  const next = iterator.next()
  await new Promise(setImmediate)
  close()
  t.match(await next, { done: true })
  t.equal(emitter.listenerCount('row'), 0)
})

t.test('an iterator that ends in a way of its own is let go of all the same', async t => {
  const failing = () => {
    throw new Error('never')
  }
  for (const end of [() => ({ done: true, value: undefined }), failing, undefined]) {
    const silent = { next: () => new Promise(() => {}), ...(end && { return: end }) }
    const { batches, close } = openSource(
      { [Symbol.asyncIterator]: () => silent as never },
      () => [] as never,
    )
    void batches[Symbol.asyncIterator]().next()
    await new Promise(setImmediate)
    close()
    t.pass()
  }
})

t.test('closing leaves an iterable alone', async t => {
  const rows = ['a']
  const { batches, close } = openSource(rows, chunks)
  close()
  t.strictSame(await batches[Symbol.asyncIterator]().next(), { value: ['a'], done: false })
})

t.test('a stream that fails before it is read fails when it is read', async t => {
  const source = new Readable({ read() {} })
  const { batches } = openSource(source, chunks)
  source.destroy(new Error('unplugged'))
  await new Promise(resolve => source.once('close', resolve))
  await t.rejects(async () => batches[Symbol.asyncIterator]().next(), { message: 'unplugged' })
})
