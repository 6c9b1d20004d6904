import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { forkFixture } from '../../fixtures/command.js'
import { makeFolders, makeRoot, makeSink } from '../../fixtures/sink.js'
import { unproved } from '../../fixtures/unproved.js'
import { sweep } from '../../lib/files/partials.js'

const MiB = 1024 * 1024
const options = { urlKey: 'key', resume: true }

t.test('what stands at a path is told for regular files only', async t => {
  const { folders, sink } = makeSink(t)
  const at = (path: string) => join(folders.root, path)
  fs.mkdirSync(at('dir'))
  fs.writeFileSync(at('dir/file'), 'four')
  fs.utimesSync(at('dir/file'), 1000.5, 1000.5)
  fs.symlinkSync('dir/file', at('link'))
  execFileSync('mkfifo', [at('fifo')])
  t.strictSame(sink.stat('dir/file'), { bytes: 4, mtimeMs: 1000500 })
  for (const path of ['none', 'no/such/none', 'link', 'fifo']) t.equal(sink.stat(path), undefined, path)
  t.throws(() => sink.stat('dir'), { code: 'ERR_PATH_TAKEN' })
  t.throws(() => sink.stat('dir/file/x'), { code: 'ERR_PATH_TAKEN' })
  t.throws(() => sink.stat('x'.repeat(256)), { code: 'ERR_PATH_INVALID' })
  fs.symlinkSync('../../outside', at('dir/out'))
  t.throws(() => sink.stat('dir/out/sentinel'), { code: 'ERR_PATH_ESCAPE' })
})

t.test('nothing is stored through a link that leaves the root', async t => {
  const { folders, sink } = makeSink(t)
  const outside = join(folders.root, '../outside')
  fs.symlinkSync('../outside', join(folders.root, 'out'))
  const draft = await sink.open({ path: 'out/sentinel' }, options)
  draft.write('evil')
  await t.rejects(draft.commit(), { code: 'ERR_PATH_ESCAPE', scope: 'entry' })
  await draft.abandon({ keep: true })
  t.equal(fs.readFileSync(join(outside, 'sentinel'), 'utf8'), 'untouched')
  t.strictSame(fs.readdirSync(outside), ['sentinel'])
})

t.test('a kept partial is gone on from, with the digest of the whole', async t => {
  const { folders, sink } = makeSink(t)
  const whole = Buffer.alloc(3 * MiB, 'whole ')
  const first = await sink.open({ path: 'a' }, options)
  t.equal(first.resumed, undefined)
  first.describe({ etag: '"v1"', totalBytes: whole.length })
  first.write(whole.subarray(0, 2 * MiB))
  await first.flushed()
  await first.abandon({ keep: true })

  const anew = await sink.open({ path: 'a' }, { ...options, resume: false })
  t.equal(anew.resumed, undefined)
  await anew.abandon({ keep: false })

  const integrity = { algorithm: 'md5', base64: createHash('md5').update(whole).digest('base64') } as const
  const second = await sink.open({ path: 'a' }, { ...options, integrity })
  t.strictSame(second.resumed, { etag: '"v1"', bytes: 2 * MiB, totalBytes: whole.length })
  t.equal(second.bytes, 2 * MiB)
  second.write(whole.subarray(2 * MiB))
  await second.verify({ size: whole.length })
  const { digest } = await second.commit()
  t.equal(digest, `sha256-${createHash('sha256').update(whole).digest('base64')}`)
  t.ok(fs.readFileSync(join(folders.root, 'a')).equals(whole))
  t.strictSame(fs.readdirSync(folders.partial), [])
})

t.test('a resumed draft that gets no further is kept again', async t => {
  const { sink } = makeSink(t)
  for (const resumed of [undefined, { etag: '"v1"', bytes: MiB }, { etag: '"v1"', bytes: MiB }]) {
    const draft = await sink.open({ path: 'a' }, options)
    t.strictSame(draft.resumed, resumed)
    if (!resumed) draft.describe({ etag: '"v1"' })
    if (!resumed) draft.write(Buffer.alloc(MiB))
    await draft.abandon({ keep: true })
  }
})

/** Lets a real process write half an asset, kills it, and starts over its directory anew. */
const afterKill = async (t: Test, root: string, ...etag: string[]) => {
  const child = forkFixture('half-writer', [root, ...etag])
  await once(child, 'message')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const folders = makeFolders(root)
  t.equal(fs.readdirSync(folders.tmp).length, 1 + etag.length, 'the draft is left')
  t.notOk(fs.existsSync(join(root, 'a/large.bin')), 'no half file has the final name')
  await sweep(folders, Date.now())
  t.strictSame(fs.readdirSync(folders.tmp), [])
  return makeSink(t, { root })
}

t.test('a process killed in the midst of a large asset leaves what the next one goes on from', async t => {
  const { sink } = await afterKill(t, makeRoot(t), '"v1"')
  const draft = await sink.open({ path: 'a/large.bin' }, options)
  t.strictSame(draft.resumed, { etag: '"v1"', bytes: 3 * MiB, totalBytes: 6 * MiB })
  const { digest } = await draft.commit()
  t.equal(
    digest,
    `sha256-${createHash('sha256')
      .update(Buffer.alloc(3 * MiB, 'x'))
      .digest('base64')}`,
  )
})

t.test('without a version a killed process leaves nothing to go on from', async t => {
  const { folders, sink } = await afterKill(t, makeRoot(t))
  t.strictSame(fs.readdirSync(folders.partial), [])
  const draft = await sink.open({ path: 'a/large.bin' }, options)
  t.equal(draft.resumed, undefined)
  await draft.abandon({ keep: false })
})

/** A small file system of its own, or undefined where none can be mounted. */
const mount = (t: Test, option: string): string | undefined => {
  const at = join(t.testdirName, 'disk')
  // What a run that crashed has left.
  spawnSync('umount', ['--lazy', at])
  makeRoot(t, { disk: {} })
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', option, 'tmpfs', at])
  // Lazily, since what a failed test left open must not keep the next run from starting.
  if (status === 0) t.teardown(() => spawnSync('umount', ['--lazy', at]))
  return status === 0 ? at : undefined
}

t.test('a full disk ends the run, keeps the old file and leaves nothing', async t => {
  const root = mount(t, 'size=1m')
  if (root === undefined) return t.comment('nothing can be mounted here')
  const { folders, sink } = makeSink(t, { root })
  fs.writeFileSync(join(root, 'a'), 'old')
  for (const chunk of [1.5 * MiB, 200 * 1024]) {
    const draft = await sink.open({ path: 'a' }, options)
    for (let written = 0; written < 1.5 * MiB; written += chunk) draft.write(Buffer.alloc(chunk))
    await t.rejects(draft.flushed(), { code: 'ERR_DESTINATION', scope: 'run', message: /full/ })
    await t.rejects(draft.verify(), { code: 'ERR_DESTINATION', scope: 'run' })
    await t.rejects(draft.commit(), { code: 'ERR_DESTINATION', scope: 'run' })
    await draft.abandon({ keep: true })
    t.equal(fs.readFileSync(join(root, 'a'), 'utf8'), 'old')
  }
  const after = await sink.open({ path: 'a' }, options)
  after.write(Buffer.alloc(MiB / 2))
  await after.commit()
  t.equal(fs.statSync(join(root, 'a')).size, MiB / 2, 'the space is free again')
  t.strictSame(fs.readdirSync(folders.partial), [])
})

t.test('a disk without inodes ends the run', async t => {
  const root = mount(t, 'size=1m,nr_inodes=6')
  if (root === undefined) return t.comment('nothing can be mounted here')
  const { sink } = makeSink(t, { root })
  const draft = await sink.open({ path: 'a/b/c/d' }, options)
  draft.write('x')
  await t.rejects(draft.commit(), { code: 'ERR_DESTINATION', scope: 'run', message: /full/ })
  await draft.abandon({ keep: true })
})

t.test('a read-only file system ends the run', async t => {
  const root = mount(t, 'size=1m')
  if (root === undefined) return t.comment('nothing can be mounted here')
  const { sink } = makeSink(t, { root })
  sink.stat('a')
  spawnSync('mount', ['-o', 'remount,ro', root])
  const draft = await sink.open({ path: 'a' }, options)
  draft.write('x')
  await t.rejects(draft.commit(), { code: 'ERR_DESTINATION', scope: 'run', message: /read-only/ })
  await draft.abandon({ keep: true })
})

t.test('a directory that denies writing fails its entries, a root that does ends the run', async t => {
  const { folders, sink } = makeSink(t)
  fs.mkdirSync(join(folders.root, 'a'))
  const lock = (flag: string, at: string) => spawnSync('chattr', [flag, at]).status === 0
  const attempt = async (path: string, scope: string) => {
    const draft = await sink.open({ path }, options)
    draft.write('x')
    await t.rejects(draft.commit(), { code: 'ERR_DESTINATION', scope }, path)
    await draft.abandon({ keep: true })
  }
  if (!lock('+i', join(folders.root, 'a')))
    return unproved(t, 'chattr takes root and a file system that has it')
  await attempt('a/b', 'entry')
  await attempt('a/c/d', 'entry')
  lock('-i', join(folders.root, 'a'))
  lock('+i', folders.root)
  await attempt('b', 'run')
  await attempt('c/d', 'run')
  lock('-i', folders.root)
})
