import fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bestHold, byHandle, byPath, flushNames } from '../../lib/files/hold.js'

t.test('a handle leads to the directory that was opened, whatever becomes of its name', async t => {
  const root = fs.realpathSync(t.testdir({ a: {}, b: { wrong: '' } }))
  const hold = byHandle()
  const directory = { path: 'a', ...hold.open(join(root, 'a')) }
  t.teardown(() => hold.release(directory))
  t.ok(hold.stands(directory, join(root, 'a')))
  fs.renameSync(join(root, 'a'), join(root, 'moved'))
  fs.symlinkSync('b', join(root, 'a'))
  fs.writeFileSync(`${directory.at}/x`, '')
  t.strictSame(fs.readdirSync(join(root, 'moved')), ['x'])
  t.notOk(hold.stands(directory, join(root, 'a')))
  t.ok(hold.stands(directory, join(root, 'moved')))
  fs.rmSync(join(root, 'moved'), { recursive: true })
  t.notOk(hold.stands(directory, join(root, 'moved')))
})

t.test('a handle is taken of directories only, not of what links lead to', async t => {
  const root = t.testdir({ a: {}, file: '', link: t.fixture('symlink', 'a') })
  t.throws(() => byHandle().open(join(root, 'file')), { code: 'ENOTDIR' })
  t.throws(() => byHandle().open(join(root, 'link')))
})

t.test('a name is never trusted twice', async t => {
  const hold = byPath()
  const directory = { path: 'a', ...hold.open('/somewhere/a') }
  t.equal(directory.at, '/somewhere/a')
  t.notOk(hold.stands(directory, '/somewhere/a'))
  hold.release(directory)
})

t.test('handles are used where there is /proc, names elsewhere', async t => {
  const root = t.testdir()
  const directory = { path: '', ...bestHold().open(root) }
  t.match(directory.at, /^\/proc\//)
  bestHold().release(directory)
  const { bestHold: without } = await t.mockImport<typeof import('../../lib/files/hold.js')>(
    '../../lib/files/hold.js',
    { 'node:fs': { ...fs, existsSync: () => false } },
  )
  t.strictSame(without().open(root), { at: root })
})

t.test('names are flushed through the directory itself, and no handle is left', async t => {
  const root = fs.realpathSync(t.testdir())
  const flushed: string[] = []
  let open = -1
  const { flushNames: spied } = await t.mockImport<typeof import('../../lib/files/hold.js')>(
    '../../lib/files/hold.js',
    {
      'node:fs': {
        ...fs,
        fsyncSync: (fd: number) => {
          open = fd
          flushed.push(fs.readlinkSync(`/proc/self/fd/${fd}`))
          throw Object.assign(new Error(), { code: 'EIO' })
        },
      },
    },
  )
  t.throws(() => spied(root), { code: 'EIO' })
  t.strictSame(flushed, [root])
  t.throws(() => fs.fstatSync(open), { code: 'EBADF' })
  flushNames(root)
})
