import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { digests } from '../../lib/files/digests.js'
import { GrowingFile } from '../../lib/files/growing-file.js'

const KiB = 1024
const asset = { path: 'a', urlKey: 'key' }

const make = (t: Test, options: { promptMs?: number } = {}) => {
  const file = join(t.testdir(), 'draft')
  const newDigests = () => digests(new Set(['md5'] as const))
  const growing = new GrowingFile({ file, asset, newDigests, ...options })
  t.teardown(() => growing.close())
  return { file, growing }
}

t.test('no file is made before the first byte, and none but a new one is written', async t => {
  const { file, growing } = make(t)
  t.notOk(fs.existsSync(file))
  fs.symlinkSync('elsewhere', file)
  t.throws(() => growing.append([Buffer.from('x')]), { code: 'ERR_DESTINATION', scope: 'run' })
  t.notOk(fs.existsSync(file), 'the link was not followed')
  fs.rmSync(file)
  fs.writeFileSync(file, 'not ours')
  t.throws(() => growing.append([Buffer.from('x')]), { code: 'ERR_DESTINATION', scope: 'run' })
  t.equal(fs.readFileSync(file, 'utf8'), 'not ours')
  fs.rmSync(file)
  await growing.append([Buffer.from('x')])
  t.equal(fs.readFileSync(file, 'utf8'), 'x')
})

t.test('bytes are there at once on a prompt disk, and on a slow one when the disk has them', async t => {
  const { growing: prompt } = make(t)
  t.equal(prompt.append([Buffer.alloc(200 * KiB, 'a'), Buffer.alloc(56 * KiB, 'b')]), undefined)
  t.equal(prompt.bytes, 256 * KiB)
  t.ok(prompt.takesAtOnce)
  const { file, growing } = make(t, { promptMs: 0 })
  t.equal(growing.append([Buffer.from('a')]), undefined, 'which it shows by its first write')
  t.notOk(growing.takesAtOnce)
  const later = growing.append([Buffer.from('b'), Buffer.from('c')])
  t.ok(later)
  t.equal(growing.bytes, 1, 'bytes count when they are written')
  await later
  t.equal(fs.readFileSync(file, 'utf8'), 'abc')
  t.equal(growing.digest('md5'), createHash('md5').update('abc').digest('base64'))
  t.equal(growing.digest('sha256'), undefined)
})

t.test('the version is written beside the file from 1 MiB on, and goes when it is forgotten', async t => {
  const { file, growing } = make(t)
  const sidecar = `${file}.json`
  growing.describe({ etag: '"v1"' })
  await growing.append([Buffer.alloc(1024 * KiB - 1)])
  t.notOk(fs.existsSync(sidecar))
  await growing.append([Buffer.alloc(1)])
  t.match(JSON.parse(fs.readFileSync(sidecar, 'utf8')), { ...asset, etag: '"v1"' })
  growing.describe({ etag: '"v1"', totalBytes: 5 })
  t.match(JSON.parse(fs.readFileSync(sidecar, 'utf8')), { etag: '"v1"', totalBytes: 5 })
  growing.forget()
  t.notOk(fs.existsSync(sidecar))
  await growing.append([Buffer.alloc(1)])
  t.notOk(fs.existsSync(sidecar), 'and does not come back')
})

t.test('a restart begins at zero, digest included', async t => {
  const { file, growing } = make(t)
  await growing.append([Buffer.from('long ago')])
  growing.restart()
  t.equal(growing.bytes, 0)
  await growing.append([Buffer.from('now')])
  t.equal(fs.readFileSync(file, 'utf8'), 'now')
  t.equal(growing.digest('md5'), createHash('md5').update('now').digest('base64'))
})

t.test('a disk that fails while a file is restarted ends the run', async t => {
  const { GrowingFile } = await t.mockImport<typeof import('../../lib/files/growing-file.js')>(
    '../../lib/files/growing-file.js',
    {
      'node:fs': {
        ...fs,
        ftruncateSync: () => {
          throw Object.assign(new Error(), { code: 'EIO', syscall: 'ftruncate' })
        },
      },
    },
  )
  const growing = new GrowingFile({
    file: join(t.testdir(), 'draft'),
    asset,
    newDigests: () => digests(new Set()),
  })
  t.teardown(() => growing.close())
  await growing.append([Buffer.from('x')])
  t.throws(() => growing.restart(), { code: 'ERR_DESTINATION', scope: 'run' })
})
