import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeFolders } from '../../fixtures/sink.js'
import { type Directories, openDirectories } from '../../lib/files/directories.js'
import { publisher } from '../../lib/files/publish.js'

const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
const dateMs = 784111777000

/** Publishes `content` through a descriptor of its own, as a draft does. */
const make = (
  t: Test,
  { make = publisher, durable = false, root = join(t.testdir({ out: {}, outside: {} }), 'out') } = {},
) => {
  const folders = makeFolders(root)
  const directories = openDirectories(root, { durable })
  t.teardown(() => directories.close())
  const publish = (
    path: string,
    content = 'new',
    {
      lastModified,
      through = directories,
      isNew = false,
    }: { lastModified?: string; through?: Directories; isNew?: boolean } = {},
  ) => {
    const file = join(folders.tmp, 'draft')
    const fd = fs.openSync(file, 'w', isNew ? 0o640 : 0o600)
    fs.writeSync(fd, content)
    let isOpen = true
    const close = () => {
      isOpen = false
      fs.closeSync(fd)
    }
    return make(through, { fileMode: 0o640, durable })({
      fd,
      file,
      path,
      close,
      lastModified,
      isNew,
    }).finally(() => {
      if (isOpen) close()
    })
  }
  return {
    root,
    outside: join(root, '../outside'),
    directories,
    publish,
    at: (path: string) => join(root, path),
  }
}

t.test('a new file has the mode of new files and the time that the origin gave', async t => {
  const { publish, at } = make(t)
  t.equal(await publish('a/b', 'bytes', { lastModified: date }), dateMs)
  t.equal(fs.readFileSync(at('a/b'), 'utf8'), 'bytes')
  t.equal(fs.statSync(at('a/b')).mode & 0o777, 0o640)
  t.equal(fs.statSync(at('a/b')).mtimeMs, dateMs)
})

t.test(
  'of a file that is new from the beginning nothing is looked at, and a directory in its place stays',
  async t => {
    const looks = t.capture(fs, 'lstatSync', fs.lstatSync)
    const { publisher: make_ } = await t.mockImport<typeof import('../../lib/files/publish.js')>(
      '../../lib/files/publish.js',
      { 'node:fs': { ...fs, lstatSync: fs.lstatSync } },
    )
    const { publish, at } = make(t, { make: make_ })
    t.equal(await publish('a', 'bytes', { lastModified: date, isNew: true }), dateMs)
    t.equal(fs.readFileSync(at('a'), 'utf8'), 'bytes')
    t.equal(fs.statSync(at('a')).mode & 0o777, 0o640)
    t.strictSame(looks(), [])
    fs.mkdirSync(at('b'))
    await t.rejects(publish('b', 'bytes', { isNew: true }), { code: 'ERR_PATH_TAKEN', scope: 'entry' })
    t.ok(fs.statSync(at('b')).isDirectory())
  },
)

t.test('every form of an HTTP date is read as GMT, anything else leaves the time of writing', async t => {
  const { publish, at } = make(t)
  const zone = process.env['TZ']
  process.env['TZ'] = 'Asia/Tokyo'
  t.teardown(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })
  for (const lastModified of [date, 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])
    t.equal(await publish('a', 'x', { lastModified }), dateMs, lastModified)
  for (const lastModified of ['', '0', '-1', '3600', 'yesterday', 'Sun, 99 Foo 1994 08:49:37 GMT']) {
    const before = Date.now() - 2000
    const kept = await publish('a', 'x', { lastModified })
    t.ok(kept > before, lastModified)
    t.equal(kept, fs.statSync(at('a')).mtimeMs, 'the time told is the time on disk')
  }
})

t.test('a directory that was deleted in the midst is made again', async t => {
  const { publish, directories, root, at } = make(t)
  let looks = 0
  const through: Directories = {
    ...directories,
    make(path) {
      const place = directories.make(path)
      if (looks++ === 0) fs.rmSync(join(root, 'a'), { recursive: true })
      return place
    },
  }
  await publish('a/b/c', 'bytes', { through })
  t.equal(fs.readFileSync(at('a/b/c'), 'utf8'), 'bytes')
  t.equal(looks, 2)
})

t.test('a file that is replaced hands its mode on, without special bits', async t => {
  const { publish, at } = make(t)
  fs.writeFileSync(at('a'), 'old')
  fs.chmodSync(at('a'), 0o600)
  await publish('a')
  t.equal(fs.statSync(at('a')).mode & 0o7777, 0o600)
  fs.chmodSync(at('a'), 0o4755)
  await publish('a')
  t.equal(fs.statSync(at('a')).mode & 0o7777, 0o755)
})

t.test('links, pipes and devices are replaced, never written through', async t => {
  const { publish, at, outside } = make(t)
  fs.writeFileSync(join(outside, 'sentinel'), 'untouched', { mode: 0o600 })
  fs.symlinkSync('../outside/sentinel', at('link'))
  fs.symlinkSync('nowhere', at('dangling'))
  fs.symlinkSync('../outside', at('to-dir'))
  fs.linkSync(join(outside, 'sentinel'), at('hard'))
  execFileSync('mkfifo', [at('fifo')])
  for (const path of ['link', 'dangling', 'to-dir', 'hard', 'fifo']) {
    await publish(path)
    t.ok(fs.lstatSync(at(path)).isFile(), path)
    t.equal(fs.readFileSync(at(path), 'utf8'), 'new', path)
  }
  t.equal(fs.statSync(at('link')).mode & 0o777, 0o640, 'the mode behind a link is not taken over')
  t.equal(fs.readFileSync(join(outside, 'sentinel'), 'utf8'), 'untouched')
  t.strictSame(fs.readdirSync(outside), ['sentinel'])
})

t.test('a directory is never replaced, not even one that appears in the last moment', async t => {
  const { publish, at, directories } = make(t)
  fs.mkdirSync(at('dir'))
  await t.rejects(publish('dir'), { code: 'ERR_PATH_TAKEN', scope: 'entry' })
  const { publisher: late } = await t.mockImport<typeof import('../../lib/files/publish.js')>(
    '../../lib/files/publish.js',
    { 'node:fs': { ...fs, lstatSync: () => undefined } },
  )
  const other = make(t, { make: late, root: join(at('.'), 'nested') })
  fs.mkdirSync(other.at('dir'))
  await t.rejects(other.publish('dir'), { code: 'ERR_PATH_TAKEN', scope: 'entry' })
  t.ok(directories.find('dir'))
})

t.test('a directory swapped for a link between the look and the rename leads nowhere', async t => {
  const { publish, at, outside, directories } = make(t)
  fs.mkdirSync(at('a'))
  fs.writeFileSync(join(outside, 'x'), 'untouched')
  const through: Directories = {
    ...directories,
    make(path) {
      const place = directories.make(path)
      fs.renameSync(at('a'), at('was-a'))
      fs.symlinkSync('../outside', at('a'))
      return place
    },
  }
  await publish('a/x', 'new', { through })
  t.equal(fs.readFileSync(join(outside, 'x'), 'utf8'), 'untouched')
  t.equal(fs.readFileSync(at('was-a/x'), 'utf8'), 'new')
})

t.test('names of 255 bytes work', async t => {
  const { publish, at } = make(t)
  const name = `${'é'.repeat(127)}e`
  await publish(`${name}/${name}`)
  t.ok(fs.existsSync(at(`${name}/${name}`)))
  await t.rejects(publish(`${name}e`), { code: 'ERR_PATH_INVALID', scope: 'entry' })
})

const failing = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall })

t.test('what a device reports in fsync or close keeps the old file', async t => {
  const { publish, at } = make(t)
  fs.writeFileSync(at('a'), 'old')
  const file = at('draft')
  const fd = fs.openSync(file, 'w')
  t.teardown(() => fs.closeSync(fd))
  const directories = openDirectories(at('.'), { durable: false })
  t.teardown(() => directories.close())
  const close = () => {
    throw failing('ENOSPC', 'close')
  }
  await t.rejects(
    publisher(directories, { fileMode: 0o644, durable: false })({ fd, file, path: 'a', close }),
    { code: 'ERR_DESTINATION', scope: 'run' },
  )
  const { publisher: broken } = await t.mockImport<typeof import('../../lib/files/publish.js')>(
    '../../lib/files/publish.js',
    {
      'node:fs': {
        ...fs,
        fsync: (_fd: number, done: (error: Error) => void) => done(failing('EIO', 'fsync')),
      },
    },
  )
  const durable = make(t, { make: broken, durable: true, root: at('.') })
  await t.rejects(durable.publish('a'), { code: 'ERR_DESTINATION', scope: 'run' })
  t.equal(fs.readFileSync(at('a'), 'utf8'), 'old')
  await publish('a')
  t.equal(fs.readFileSync(at('a'), 'utf8'), 'new')
})

t.test('a durable file is flushed whole before its rename, and its directory after', async t => {
  const calls: string[] = []
  const { publisher: spied } = await t.mockImport<typeof import('../../lib/files/publish.js')>(
    '../../lib/files/publish.js',
    {
      'node:fs': {
        ...fs,
        fchmodSync: (fd: number, mode: number) => {
          calls.push('chmod')
          fs.fchmodSync(fd, mode)
        },
        futimesSync: (fd: number, atime: number, mtime: number) => {
          calls.push('utimes')
          fs.futimesSync(fd, atime, mtime)
        },
        fsync: (fd: number, done: (error: Error | null) => void) => {
          calls.push(
            `fsync ${fs.fstatSync(fd).isDirectory() ? fs.readlinkSync(`/proc/self/fd/${fd}`) : 'file'}`,
          )
          fs.fsync(fd, done)
        },
        renameSync: (from: string, to: string) => {
          calls.push('rename')
          fs.renameSync(from, to)
        },
      },
    },
  )
  const { publish, at } = make(t, { make: spied, durable: true })
  await publish('a/b', 'x', { lastModified: date })
  t.strictSame(calls, ['chmod', 'utimes', 'fsync file', 'rename', `fsync ${fs.realpathSync(at('a'))}`])
  const plain = make(t, { make: spied, root: at('plain') })
  calls.length = 0
  await plain.publish('a/b')
  t.strictSame(calls, ['chmod', 'rename'])
})

t.test('a durable file finds its directory however many others are used while it is flushed', async t => {
  const { publisher: busy } = await t.mockImport<typeof import('../../lib/files/publish.js')>(
    '../../lib/files/publish.js',
    {
      'node:fs': {
        ...fs,
        fsync: (fd: number, done: (error: Error | null) => void) => {
          for (let n = 0; n < 100; n++) directories.make(`other${n}/x`)
          fs.fsync(fd, done)
        },
      },
    },
  )
  const { publish, at, directories } = make(t, { make: busy, durable: true })
  await publish('a/b')
  t.equal(fs.readFileSync(at('a/b'), 'utf8'), 'new')
})

t.test('a file system without modes and times still gets the bytes; any other refusal counts', async t => {
  for (const [code, stores] of [
    ['EPERM', true],
    ['ENOSYS', true],
    ['EIO', false],
  ] as const) {
    const refuse = () => {
      throw failing(code, 'fchmod')
    }
    const { publisher: refused } = await t.mockImport<typeof import('../../lib/files/publish.js')>(
      '../../lib/files/publish.js',
      { 'node:fs': { ...fs, fchmodSync: refuse, futimesSync: refuse } },
    )
    const { publish, at } = make(t, { make: refused })
    if (stores) t.equal(await publish('a', 'x', { lastModified: date }), fs.statSync(at('a')).mtimeMs, code)
    else await t.rejects(publish('a'), { code: 'ERR_DESTINATION', scope: 'run' })
  }
})

t.test(
  'a denied rename is a matter of its entry, but of the run where the root denies new files',
  async t => {
    const { publisher: denied } = await t.mockImport<typeof import('../../lib/files/publish.js')>(
      '../../lib/files/publish.js',
      {
        'node:fs': {
          ...fs,
          renameSync: () => {
            throw failing('EPERM', 'rename')
          },
        },
      },
    )
    const { publish, at } = make(t, { make: denied })
    fs.writeFileSync(at('immutable'), 'old')
    await t.rejects(publish('new'), { code: 'ERR_DESTINATION', scope: 'run' })
    await t.rejects(publish('immutable'), { code: 'ERR_DESTINATION', scope: 'entry', message: /immutable/ })
    await t.rejects(publish('a/new'), { code: 'ERR_DESTINATION', scope: 'entry', message: /a\/new/ })
  },
)
