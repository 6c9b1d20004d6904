import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { descriptorsBelow, makeRoot } from '../../fixtures/sink.js'
import { type OpenFileSink, type OpenFileSinkOptions, openFileSink } from '../../lib/files/open-file-sink.js'
import type { Upload } from '../../lib/sink.js'

const context = { signal: new AbortController().signal }

const make = async (t: Test, options?: OpenFileSinkOptions) => {
  const dir = makeRoot(t, { 'source.bin': 'some bytes' })
  const out = join(dir, 'out')
  const sink = await openFileSink(out, options)
  t.teardown(async () => {
    await sink.close()
    const left = readdirSync(join(out, '.sluice/tmp'))
    if (left.length > 0) throw new Error(`left in tmp: ${left.join(' ')}`)
  })
  return { out, sink, source: () => createReadStream(join(dir, 'source.bin')) }
}

t.test('a stream that is piped into a writable is a file', async t => {
  const { out, sink, source } = await make(t, { durable: true })
  const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT'
  const integrity = 'sha256-DSLNzBDm0Enb4a9RI9UIc/38Gk9YMG5Yy2JBvpRyAU0='
  await pipeline(source(), sink.writable('a/b.bin', { size: 10, integrity, lastModified }))
  t.equal(readFileSync(join(out, 'a/b.bin'), 'utf8'), 'some bytes')
  t.equal(statSync(join(out, 'a/b.bin')).mtime.toUTCString(), lastModified)
  t.match(sink.stat('a/b.bin', context), { bytes: 10, mtimeMs: Date.parse(lastModified) })
})

t.test('what is refused leaves nothing', async t => {
  const { out, sink, source } = await make(t)
  const cases: [code: string, path: string, options?: object][] = [
    ['ERR_BODY_SHORT', 'a', { size: 11 }],
    ['ERR_BODY_LONG', 'a', { size: 9 }],
    ['ERR_INTEGRITY', 'a', { integrity: 'md5-AAAAAAAAAAAAAAAAAAAAAA==' }],
    ['ERR_ENTRY_INVALID', 'a', { integrity: 'crc32-AA==' }],
    ['ERR_PATH_INVALID', '../a'],
    ['ERR_PATH_ESCAPE', '.sluice/index'],
  ]
  for (const [code, path, options] of cases)
    await t.rejects(pipeline(source(), sink.writable(path, options)), { code }, code)
  t.strictSame(readdirSync(out), ['.sluice'])
  t.throws(() => sink.stat('../a', context), { code: 'ERR_PATH_INVALID' })
  await t.rejects(async () => sink.create('../a', context), { code: 'ERR_PATH_INVALID' })
})

t.test('a directory has one sink at a time', async t => {
  const { out, sink } = await make(t)
  await t.rejects(openFileSink(out), { code: 'ERR_DESTINATION', message: /another sluice run/ })
  await sink.close()
  await (await openFileSink(out)).close()
})

t.test('an upload is a file once it is committed, and nothing when it is discarded', async t => {
  const { out, sink } = await make(t)
  for (const [path, isCommitted] of [
    ['kept', true],
    ['gone', false],
  ] as const) {
    const upload = await sink.create(path, context)
    for await (const chunk of Readable.from([Buffer.from('some '), Buffer.from('bytes')]))
      await upload.write(chunk)
    t.notOk(existsSync(join(out, path)))
    if (isCommitted) t.match(await upload.commit({ bytes: 10 }), { bytes: 10, mtimeMs: Number })
    else await upload.discard()
    t.equal(existsSync(join(out, path)), isCommitted, path)
  }
})

t.test('an upload tells what its disk refuses', async t => {
  const { out, sink } = await make(t)
  await pipeline(Readable.from(['x']), sink.writable('a/b'))
  const upload = await sink.create('a', context)
  await upload.write(Buffer.from('y'))
  await t.rejects(async () => upload.commit({ bytes: 1 }), { code: 'ERR_PATH_TAKEN' })
  await upload.discard()
  t.strictSame(readdirSync(join(out, 'a')), ['b'])
})

/** A sink that is closed, with one of another directory, opened after it, that may have got its descriptors. */
const makeClosed = async (t: Test, use: (sink: OpenFileSink) => unknown = () => {}) => {
  const { out, sink, source } = await make(t)
  await use(sink)
  await sink.close()
  const next = `${out}-next`
  const other = await openFileSink(next)
  t.teardown(other.close)
  await pipeline(source(), other.writable('a'))
  const files = () => [out, next].flatMap(dir => readdirSync(dir).map(name => join(dir, name)))
  const before = files()
  return { out, sink, unchanged: () => t.strictSame(files(), before) }
}

const closed = { code: 'ERR_DESTINATION', message: 'the sink is closed' }

t.test('a closed sink reads and writes nothing, neither in its directory nor in that of another', async t => {
  const { sink, unchanged } = await makeClosed(t)
  t.throws(() => sink.stat('a', context), closed)
  await t.rejects(async () => sink.create('b', context), closed)
  await t.rejects(pipeline(Readable.from(['late']), sink.writable('b')), closed)
  await t.rejects(pipeline(Readable.from(['late']), sink.writable('new/b')), closed)
  unchanged()
})

t.test('uploads and writables that are open end with their sink, and leave nothing', async t => {
  const open: { writables: Writable[]; uploads: Upload[] } = { writables: [], uploads: [] }
  const { out, sink, unchanged } = await makeClosed(t, async sink => {
    for (const path of ['b', 'c/d', 'e']) {
      const writable = sink.writable(path)
      await new Promise(resolve => writable.write('half', resolve))
      const upload = await sink.create(path, context)
      await upload.write(Buffer.from('half'))
      open.writables.push(writable)
      open.uploads.push(upload)
    }
    open.writables.push(sink.writable('not yet begun'))
  })
  t.strictSame(descriptorsBelow(`${out}/`), [])
  t.strictSame(readdirSync(join(out, '.sluice/tmp')), [])
  for (const writable of open.writables) {
    writable.end('late')
    await t.rejects(finished(writable), closed)
  }
  for (const upload of open.uploads) {
    await t.rejects(async () => upload.write(Buffer.from('late')), closed)
    await t.rejects(async () => upload.commit({ bytes: 8 }), closed)
    await upload.discard()
  }
  unchanged()
  await sink.close()
})

t.test('what is being committed when its sink is closed is committed', async t => {
  const { out, sink } = await make(t, { durable: true })
  const upload = await sink.create('a/b', context)
  await upload.write(Buffer.from('whole'))
  const [committed] = await Promise.all([upload.commit({ bytes: 5 }), sink.close()])
  t.match(committed, { bytes: 5 })
  t.equal(readFileSync(join(out, 'a/b'), 'utf8'), 'whole')
})
