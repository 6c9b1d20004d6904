import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { makeFolders, makeSink } from '../../fixtures/sink.js'
import { digests } from '../../lib/files/digests.js'
import { Draft } from '../../lib/files/draft.js'
import { keepPartial } from '../../lib/files/partials.js'
import type { DigestName } from '../../lib/integrity.js'

const MiB = 1024 * 1024
const options = { urlKey: 'key', resume: false }
const hash = (name: string, bytes: string | Buffer) => createHash(name).update(bytes).digest('base64')
const integrityOf = (algorithm: DigestName, bytes: string) => ({ algorithm, base64: hash(algorithm, bytes) })

/** A body of `bytes` in chunks as they come from a socket, no two of them alike. */
const body = (bytes: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes / 65536) }, (_, n) =>
    Buffer.alloc(Math.min(65536, bytes - n * 65536), `${n}-`),
  )

/** Writes without waiting, so that chunks queue up. */
const pour = (draft: Draft, chunks: Buffer[]) => {
  for (const chunk of chunks) draft.write(chunk)
}

t.test('a committed draft is the file, whatever its length and however it was written', async t => {
  const { folders, sink } = makeSink(t)
  for (const bytes of [0, 1, 65536, 65537, 256 * 1024, 256 * 1024 + 1, 3 * MiB + 7]) {
    const chunks = body(bytes)
    const whole = Buffer.concat(chunks)
    const ways: Record<string, (draft: Draft) => unknown> = {
      poured: draft => pour(draft, chunks),
      piped: draft => pipeline(Readable.from(chunks), draft),
      'piped and left open': draft => pipeline(Readable.from(chunks), draft, { end: false }),
      ended: draft => draft.end(whole),
    }
    for (const [way, write] of Object.entries(ways)) {
      const draft = await sink.open({ path: `a/${way}` }, options)
      await write(draft)
      await draft.verify({ size: bytes })
      const { mtimeMs, ...committed } = await draft.commit()
      t.strictSame(committed, { bytes, digest: `sha256-${hash('sha256', whole)}` }, `${way}, ${bytes} bytes`)
      t.ok(fs.readFileSync(join(folders.root, 'a', way)).equals(whole))
      t.equal(fs.statSync(join(folders.root, 'a', way)).mtimeMs, mtimeMs)
    }
  }
})

t.test(
  'a draft of a file that is new has the mode of new files from its first byte, behind a private directory',
  async t => {
    const { folders, sink } = makeSink(t)
    const draft = await sink.open({ path: 'a' }, { ...options, isNew: true })
    draft.write('new')
    const [name = ''] = fs.readdirSync(folders.tmp)
    const { mode } = fs.statSync(join(folders.tmp, name))
    await draft.commit()
    t.equal(fs.statSync(join(folders.root, 'a')).mode, mode)
    t.ok(mode & 0o040)
  },
)

t.test('until it is committed a draft is a private file, and what it replaces stays', async t => {
  const { folders, sink } = makeSink(t)
  fs.writeFileSync(join(folders.root, 'a'), 'old')
  const draft = await sink.open({ path: 'a' }, options)
  draft.write('new')
  const [name = ''] = fs.readdirSync(folders.tmp)
  t.equal(fs.statSync(join(folders.tmp, name)).mode & 0o777, 0o600)
  t.equal(fs.readFileSync(join(folders.root, 'a'), 'utf8'), 'old')
  await draft.abandon({ keep: false })
  t.equal(fs.readFileSync(join(folders.root, 'a'), 'utf8'), 'old')
})

t.test('the digest reported and the one demanded are computed each under its own algorithm', async t => {
  for (const digest of ['sha256', 'sha512', 'md5', 'none'] as const) {
    const { sink } = makeSink(t, { digest })
    const draft = await sink.open({ path: 'a' }, { ...options, integrity: integrityOf('md5', 'body') })
    draft.write('body')
    await draft.verify()
    const { digest: found } = await draft.commit()
    t.equal(found, digest === 'none' ? undefined : `${digest}-${hash(digest, 'body')}`)
  }
})

t.test('bytes other than those demanded never get the final name', async t => {
  const { folders, sink } = makeSink(t)
  const draft = await sink.open({ path: 'a' }, { ...options, integrity: integrityOf('sha512', 'good') })
  draft.write('evil')
  await t.rejects(draft.verify({ size: 5 }), { code: 'ERR_BODY_SHORT', scope: 'attempt' })
  await t.rejects(draft.verify({ size: 3 }), { code: 'ERR_BODY_LONG', scope: 'entry' })
  await t.rejects(draft.verify({ size: 4 }), {
    code: 'ERR_INTEGRITY',
    scope: 'attempt',
    message: `expected sha512-${hash('sha512', 'good')}, got sha512-${hash('sha512', 'evil')}`,
  })
  draft.restart()
  t.equal(draft.bytes, 0)
  draft.write('go')
  await t.rejects(draft.verify({ size: 4 }), { code: 'ERR_BODY_SHORT' })
  draft.write('od')
  await draft.verify({ size: 4 })
  await draft.commit()
  t.equal(fs.readFileSync(join(folders.root, 'a'), 'utf8'), 'good')
})

t.test('a restart leaves no byte and no description of what was there', async t => {
  const { folders, sink } = makeSink(t)
  const draft = await sink.open({ path: 'a' }, options)
  draft.describe({ etag: '"v1"' })
  pour(draft, body(2 * MiB))
  await draft.flushed()
  t.equal(fs.readdirSync(folders.tmp).length, 2)
  draft.restart()
  t.equal(fs.readdirSync(folders.tmp).length, 1)
  draft.write('short')
  await draft.commit()
  t.equal(fs.readFileSync(join(folders.root, 'a'), 'utf8'), 'short')
})

t.test('a draft that never wrote can be restarted, abandoned or committed', async t => {
  const { folders, sink } = makeSink(t)
  const first = await sink.open({ path: 'a' }, options)
  first.restart()
  await first.abandon({ keep: true })
  t.notOk(fs.existsSync(join(folders.root, 'a')))
  const second = await sink.open({ path: 'a' }, options)
  await second.commit()
  t.equal(fs.statSync(join(folders.root, 'a')).size, 0)
})

t.test('an abandoned draft is kept from 1 MiB on, and only of a known version', async t => {
  for (const [title, bytes, etag, keep, kept] of [
    ['large and described', MiB, '"v1"', true, 2],
    ['small', MiB - 1, '"v1"', true, 0],
    ['of unknown version', MiB, undefined, true, 0],
    ['unwanted', MiB, '"v1"', false, 0],
  ] as const) {
    const { folders, sink } = makeSink(t)
    const draft = await sink.open({ path: 'a' }, options)
    if (etag) draft.describe({ etag, totalBytes: 3 * MiB })
    pour(draft, body(bytes))
    await draft.flushed()
    await draft.abandon({ keep })
    t.equal(fs.readdirSync(folders.partial).length, kept, title)
    t.strictSame(fs.readdirSync(folders.tmp), [], title)
  }
})

t.test('the version may be told late, early or often', async t => {
  const { sink } = makeSink(t)
  const draft = await sink.open({ path: 'a' }, options)
  pour(draft, body(MiB))
  await draft.flushed()
  for (const totalBytes of [undefined, 3 * MiB, 3 * MiB]) draft.describe({ etag: '"v1"', totalBytes })
  await draft.abandon({ keep: true })
  const again = await sink.open({ path: 'a' }, { ...options, resume: true })
  t.strictSame(again.resumed, { etag: '"v1"', bytes: MiB, totalBytes: 3 * MiB })
  await again.abandon({ keep: false })
})

t.test('bytes that were proven wrong are never kept', async t => {
  const { folders, sink } = makeSink(t)
  const draft = await sink.open({ path: 'a' }, { ...options, integrity: integrityOf('md5', 'other') })
  draft.describe({ etag: '"v1"' })
  pour(draft, body(MiB))
  await t.rejects(draft.verify(), { code: 'ERR_INTEGRITY' })
  await draft.abandon({ keep: true })
  t.strictSame(fs.readdirSync(folders.partial), [])
})

t.test('a draft whose commit failed leaves nothing', async t => {
  const { folders, sink } = makeSink(t)
  fs.mkdirSync(join(folders.root, 'a'))
  const draft = await sink.open({ path: 'a' }, options)
  draft.describe({ etag: '"v1"' })
  pour(draft, body(MiB))
  await t.rejects(draft.commit(), { code: 'ERR_PATH_TAKEN' })
  await draft.abandon({ keep: true })
  t.strictSame(fs.readdirSync(folders.partial), [])
})

t.test('a body that breaks leaves the draft open for the next attempt', async t => {
  const { folders, sink } = makeSink(t)
  const chunks = body(3 * MiB)
  const draft = await sink.open({ path: 'a' }, options)
  const broken = async function* () {
    yield* chunks.slice(0, 20)
    throw new Error('reset')
  }
  await t.rejects(pipeline(broken, draft, { end: false }), /reset/)
  await draft.flushed()
  const rest = Buffer.concat(chunks).subarray(draft.bytes)
  await pipeline(Readable.from([rest]), draft, { end: false })
  await draft.verify({ size: 3 * MiB })
  await draft.commit()
  t.ok(fs.readFileSync(join(folders.root, 'a')).equals(Buffer.concat(chunks)))
})

/** A draft on a disk that fails, or is slow. */
const draftOn = async (t: Test, disk: Partial<typeof fs>, { promptMs }: { promptMs?: number } = {}) => {
  const growing = await t.mockImport('../../lib/files/growing-file.js', { 'node:fs': { ...fs, ...disk } })
  const { DraftFile } = await t.mockImport<typeof import('../../lib/files/draft-file.js')>(
    '../../lib/files/draft-file.js',
    { '../../lib/files/growing-file.js': growing },
  )
  const folders = makeFolders(t.testdir())
  const growth = new DraftFile({
    file: join(folders.tmp, 'draft'),
    asset: { path: 'a', urlKey: 'key' },
    newDigests: () => digests(new Set()),
    keep: file => keepPartial(file, folders),
    ...(promptMs !== undefined && { promptMs }),
    publish: async ({ close }) => {
      close()
      return 0
    },
  })
  const draft = new Draft({ growth, digest: 'none' })
  return { draft, folders }
}

t.test('a draft destroyed in the midst of a write neither commits nor leaves anything', async t => {
  const { draft } = await draftOn(t, {}, { promptMs: 0 })
  pour(draft, body(4 * MiB))
  const flushed = draft.flushed()
  draft.destroy()
  await t.rejects(flushed)
  await t.rejects(draft.commit(), { code: 'ERR_INTERNAL' })
  await draft.abandon({ keep: false })
  await draft.abandon({ keep: false })
})

t.test('an ended draft is waited for', async t => {
  const { folders, sink } = makeSink(t)
  const draft = await sink.open({ path: 'a' }, options)
  pour(draft, body(2 * MiB))
  draft.end()
  await draft.verify({ size: 2 * MiB })
  await draft.commit()
  t.equal(fs.statSync(join(folders.root, 'a')).size, 2 * MiB)
})

t.test('a source faster than the disk is held back', async t => {
  const { draft } = await draftOn(t, {}, { promptMs: 0 })
  const answers = body(2 * MiB).map(chunk => draft.write(chunk))
  t.ok(answers.includes(false))
  await draft.abandon({ keep: false })
})

t.test('a chunk may change as soon as it is written, unless it has to wait for the one before', async t => {
  const { sink, folders } = makeSink(t)
  const draft = await sink.open({ path: 'a' }, options)
  const lent = Buffer.alloc(100)
  for (let chunk = 0; chunk < 10; chunk++) {
    t.ok(draft.takesAtOnce)
    draft.write(lent.fill(`${chunk}`))
  }
  draft.cork()
  t.notOk(draft.takesAtOnce)
  draft.write(Buffer.from('x'))
  t.notOk(draft.takesAtOnce)
  draft.uncork()
  t.ok(draft.takesAtOnce)
  await draft.commit()
  const expected = Array.from({ length: 10 }, (_, chunk) => `${chunk}`.repeat(100))
  t.equal(fs.readFileSync(join(folders.root, 'a'), 'utf8'), `${expected.join('')}x`)
})

const failing = (code: string) => () => {
  throw Object.assign(new Error(), { code, syscall: 'x' })
}

t.test('no descriptor to be had is a matter of the attempt, no workspace one of the run', async t => {
  for (const [code, scope] of [
    ['EMFILE', 'attempt'],
    ['EACCES', 'run'],
    ['ENOENT', 'run'],
  ] as const) {
    const { draft } = await draftOn(t, { openSync: failing(code) })
    await t.rejects(pipeline(Readable.from(['x']), draft), { code: 'ERR_DESTINATION', scope }, code)
    await t.rejects(draft.commit(), { code: 'ERR_DESTINATION', scope }, code)
    await draft.abandon({ keep: true })
  }
})

t.test('abandoning never throws, not even on a disk that fails', async t => {
  const { draft, folders } = await draftOn(t, { closeSync: failing('EIO'), ftruncateSync: failing('EIO') })
  draft.describe({ etag: '"v1"' })
  pour(draft, body(MiB))
  await draft.flushed()
  await draft.abandon({ keep: true })
  t.strictSame(fs.readdirSync(folders.tmp), [])
  t.strictSame(fs.readdirSync(folders.partial), [], 'what could not be closed may not be whole')
})
