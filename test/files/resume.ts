import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeFolders } from '../../fixtures/sink.js'
import { SyncError } from '../../lib/errors.js'
import { describePartial, keepPartial } from '../../lib/files/partials.js'
import { resume } from '../../lib/files/resume.js'

const asset = { path: 'a', urlKey: 'key' }
const bytes = Buffer.alloc(2_500_000, 'partial ')

const keep = (t: Test) => {
  const folders = makeFolders(t.testdir())
  const file = join(folders.tmp, 'left')
  fs.writeFileSync(file, bytes)
  describePartial(file, { ...asset, etag: '"v1"' })
  keepPartial(file, folders)
  return folders
}

t.test('a partial is taken up open, counted and hashed', async t => {
  const folders = keep(t)
  const taken = await resume(folders, asset, new Set(['sha256', 'md5'] as const))
  t.match(taken, { bytes: bytes.length, facts: { ...asset, etag: '"v1"' } })
  for (const name of ['sha256', 'md5'] as const)
    t.equal(taken?.digests.read(name), createHash(name).update(bytes).digest('base64'))
  fs.writeSync(taken?.fd ?? -1, 'more', bytes.length)
  fs.closeSync(taken?.fd ?? -1)
  t.equal(fs.statSync(taken?.file ?? '').size, bytes.length + 4)
})

t.test('an asset of which nothing is kept starts anew', async t => {
  t.equal(await resume(keep(t), { ...asset, urlKey: 'other' }, new Set()), undefined)
})

t.test('a partial that cannot be read is removed and ends the run', async t => {
  const fail = () => {
    throw Object.assign(new Error(), { code: 'EIO', syscall: 'read' })
  }
  for (const disk of [{ openSync: fail }, { read: fail }]) {
    const folders = keep(t)
    const broken = await t.mockImport<typeof import('../../lib/files/resume.js')>(
      '../../lib/files/resume.js',
      { 'node:fs': { ...fs, ...disk } },
    )
    await t.rejects(broken.resume(folders, asset, new Set(['md5'] as const)), {
      code: 'ERR_DESTINATION',
      scope: 'run',
    })
    t.strictSame([...fs.readdirSync(folders.tmp), ...fs.readdirSync(folders.partial)], [])
  }
})

t.test('a run that ends while a partial is being hashed puts it back', async t => {
  const folders = keep(t)
  const kept = fs.readdirSync(folders.partial)
  const reason = new SyncError('ERR_ABORTED', 'the run ended first')
  const names = new Set(['md5'] as const)
  await t.rejects(resume(folders, asset, names, AbortSignal.abort(reason)), reason)
  t.strictSame(fs.readdirSync(folders.partial), kept)
  t.strictSame(fs.readdirSync(folders.tmp), [])
  const taken = await resume(folders, asset, names, new AbortController().signal)
  t.equal(taken?.bytes, bytes.length, 'for the next run')
  fs.closeSync(taken?.fd ?? -1)
})
