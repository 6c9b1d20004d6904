import fs from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { descriptorsBelow } from '../../fixtures/sink.js'
import { openDirectories } from '../../lib/files/directories.js'
import { byHandle, byPath, type Hold } from '../../lib/files/hold.js'

const holds = { byHandle: byHandle(), byPath: byPath() }

const make = (t: Test, hold = holds.byHandle) => {
  const dir = t.testdir({
    out: { a: { b: {} }, file: 'x', '.sluice': { tmp: {} } },
    outside: { sentinel: '' },
  })
  const root = join(dir, 'out')
  const directories = openDirectories(root, { durable: false, hold })
  t.teardown(() => directories.close())
  return { dir, root, outside: join(dir, 'outside'), directories }
}

for (const [name, hold] of Object.entries(holds))
  t.test(name, async t => {
    t.test('a path is found where it is, and only made when asked to', async t => {
      const { root, directories } = make(t, hold)
      fs.writeFileSync(directories.find('a/b/x')?.at ?? '', 'found')
      t.equal(fs.readFileSync(join(root, 'a/b/x'), 'utf8'), 'found')
      t.equal(directories.find('new/c/x'), undefined)
      t.notOk(fs.existsSync(join(root, 'new')))
      fs.writeFileSync(directories.make('new/c/x').at, 'made')
      t.equal(fs.readFileSync(join(root, 'new/c/x'), 'utf8'), 'made')
      fs.writeFileSync(directories.make('top').at, 'top')
      t.equal(fs.readFileSync(join(root, 'top'), 'utf8'), 'top')
    })

    t.test('a link that leaves the root, or may, is refused and nothing is made behind it', async t => {
      const { root, outside, directories } = make(t, hold)
      const links = {
        absolute: outside,
        relative: '../../outside',
        up: '../..',
        dangling: '../../outside/new',
        loop: 'loop',
      }
      for (const [link, target] of Object.entries(links)) {
        fs.symlinkSync(target, join(root, 'a', link))
        t.throws(() => directories.make(`a/${link}/x`), { code: 'ERR_PATH_ESCAPE', scope: 'entry' }, link)
        t.throws(() => directories.find(`a/${link}/x`), { code: 'ERR_PATH_ESCAPE' }, link)
        t.throws(() => directories.make(`a/${link}/new/x`), { code: 'ERR_PATH_ESCAPE' }, link)
      }
      t.strictSame(fs.readdirSync(outside), ['sentinel'])
    })

    t.test('a link beside the root whose name begins like it is outside', async t => {
      const { dir, root, directories } = make(t, hold)
      fs.mkdirSync(join(dir, 'out-of-it'))
      fs.symlinkSync('../out-of-it', join(root, 'link'))
      t.throws(() => directories.make('link/x'), { code: 'ERR_PATH_ESCAPE' })
    })

    t.test('a link that stays inside is followed, also to the root and through further links', async t => {
      const { root, directories } = make(t, hold)
      fs.symlinkSync('a/b', join(root, 'inner'))
      fs.symlinkSync('.', join(root, 'self'))
      fs.symlinkSync('../inner', join(root, 'a/chain'))
      fs.writeFileSync(directories.make('self/a/chain/c/x').at, 'through')
      t.equal(fs.readFileSync(join(root, 'a/b/c/x'), 'utf8'), 'through')
      t.ok(directories.find('inner/c/x'))
    })

    t.test('no link leads into the workspace', async t => {
      const { root, directories } = make(t, hold)
      fs.symlinkSync('.sluice/tmp', join(root, 'direct'))
      fs.symlinkSync('.', join(root, 'self'))
      t.throws(() => directories.make('direct/x'), { code: 'ERR_PATH_ESCAPE' })
      t.throws(() => directories.make('self/.sluice/tmp/x'), { code: 'ERR_PATH_ESCAPE' })
    })

    t.test('a file where a directory must be is ERR_PATH_TAKEN and stays', async t => {
      const { root, directories } = make(t, hold)
      t.throws(() => directories.make('file/x'), { code: 'ERR_PATH_TAKEN', message: /file\/x/ })
      t.throws(() => directories.make('file/y/x'), { code: 'ERR_PATH_TAKEN' })
      t.equal(fs.readFileSync(join(root, 'file'), 'utf8'), 'x')
    })

    t.test('names of 255 bytes work; longer names and paths no program could open are refused', async t => {
      const { directories } = make(t, hold)
      const longest = `${'é'.repeat(127)}e`
      fs.writeFileSync(directories.make(`${longest}/${longest}`).at, '')
      t.throws(() => directories.make(`${longest}e/x`), { code: 'ERR_PATH_INVALID', scope: 'entry' })
      t.throws(() => directories.make(`${`${longest}/`.repeat(16)}x`), { code: 'ERR_PATH_INVALID' })
      t.throws(() => directories.make('a/'.repeat(2048)), { code: 'ERR_PATH_INVALID' })
    })

    t.test('a directory that was seen before and is now a link to the outside is refused', async t => {
      const { root, outside, directories } = make(t, hold)
      directories.make('a/b/x')
      fs.renameSync(join(root, 'a'), join(root, 'was-a'))
      fs.symlinkSync('../outside', join(root, 'a'))
      await setImmediate()
      t.throws(() => directories.make('a/b/x'), { code: 'ERR_PATH_ESCAPE' })
      t.strictSame(fs.readdirSync(outside), ['sentinel'])
    })

    t.test('a directory that was seen before and was moved out behind a link is refused', async t => {
      const { root, outside, directories } = make(t, hold)
      directories.make('a/b/x')
      fs.renameSync(join(root, 'a'), join(outside, 'moved'))
      fs.symlinkSync('../outside/moved', join(root, 'a'))
      await setImmediate()
      t.throws(() => directories.make('a/b/x'), { code: 'ERR_PATH_ESCAPE' })
      t.strictSame(fs.readdirSync(join(outside, 'moved/b')), [])
    })

    t.test('a directory that was seen before and was deleted is made again', async t => {
      const { root, directories } = make(t, hold)
      directories.make('a/b/x')
      fs.rmSync(join(root, 'a'), { recursive: true })
      await setImmediate()
      t.equal(directories.find('a/b/x'), undefined)
      fs.writeFileSync(directories.make('a/b/x').at, 'again')
      t.equal(fs.readFileSync(join(root, 'a/b/x'), 'utf8'), 'again')
    })

    t.test('a directory that another process makes in the same moment is used', async t => {
      const { openDirectories } = await t.mockImport<typeof import('../../lib/files/directories.js')>(
        '../../lib/files/directories.js',
        {
          'node:fs': {
            ...fs,
            mkdirSync: (at: string) => {
              fs.mkdirSync(at)
              fs.mkdirSync(at)
            },
          },
        },
      )
      const root = t.testdir()
      const directories = openDirectories(root, { durable: false, hold })
      t.teardown(() => directories.close())
      fs.writeFileSync(directories.make('a/x').at, '')
      t.ok(fs.existsSync(join(root, 'a/x')))
    })

    t.test('a root that is a link is resolved once', async t => {
      const dir = t.testdir({ real: {}, other: {} })
      fs.symlinkSync('real', join(dir, 'out'))
      const directories = openDirectories(join(dir, 'out'), { durable: false, hold })
      t.teardown(() => directories.close())
      fs.rmSync(join(dir, 'out'))
      fs.symlinkSync('other', join(dir, 'out'))
      fs.writeFileSync(directories.make('a/x').at, '')
      t.ok(fs.existsSync(join(dir, 'real/a/x')))
    })

    t.test('a new directory is a failure of the run where the root denies it, else of its entry', async t => {
      const { openDirectories } = await t.mockImport<typeof import('../../lib/files/directories.js')>(
        '../../lib/files/directories.js',
        {
          'node:fs': {
            ...fs,
            mkdirSync: () => {
              throw Object.assign(new Error(), { code: 'EACCES', syscall: 'mkdir' })
            },
          },
        },
      )
      const directories = openDirectories(t.testdir({ a: {} }), { durable: false, hold })
      t.teardown(() => directories.close())
      t.throws(() => directories.make('new/x'), { code: 'ERR_DESTINATION', scope: 'run' })
      t.throws(() => directories.make('a/new/x'), { code: 'ERR_DESTINATION', scope: 'entry' })
    })
  })

t.test('a directory that cannot be entered is a matter of its entries', async t => {
  const hold: Hold = {
    ...holds.byHandle,
    open(at) {
      if (at.endsWith('/closed')) throw Object.assign(new Error(), { code: 'EACCES', syscall: 'open' })
      return holds.byHandle.open(at)
    },
  }
  const directories = openDirectories(t.testdir({ closed: {} }), { durable: false, hold })
  t.teardown(() => directories.close())
  t.throws(() => directories.make('closed/x'), { code: 'ERR_DESTINATION', scope: 'entry' })
})

t.test('a place that was looked up stays inside although its directory becomes a link', async t => {
  const { root, outside, directories } = make(t)
  const { at } = directories.make('a/b/x')
  fs.renameSync(join(root, 'a'), join(root, 'was-a'))
  fs.symlinkSync('../outside', join(root, 'a'))
  fs.mkdirSync(join(outside, 'b'))
  fs.writeFileSync(join(root, 'ready'), 'asset')
  fs.renameSync(join(root, 'ready'), at)
  t.equal(fs.readFileSync(join(root, 'was-a/b/x'), 'utf8'), 'asset')
  t.strictSame(fs.readdirSync(join(outside, 'b')), [])
})

t.test('the kernel is asked for a name once in a turn, and again in the next', async t => {
  let asked = 0
  const hold: Hold = {
    ...holds.byHandle,
    stands(...directory) {
      asked++
      return holds.byHandle.stands(...directory)
    },
  }
  const { directories } = make(t, hold)
  const look = (path: string) => directories.find(path)?.at !== undefined
  for (const path of ['a/b/x', 'a/b/y', 'a/x']) t.ok(look(path))
  t.notOk(look('new/x'))
  t.equal(asked, 0, 'what was just opened is known')
  await setImmediate()
  for (const path of ['a/b/x', 'a/b/y', 'a/b/z']) t.ok(look(path))
  t.equal(asked, 1)
  t.notOk(look('new/x'))
  directories.make('new/x')
  t.ok(look('new/x'), 'a directory that is made is not missing any more')
})

t.test('a directory that becomes a link between the look and the step is not entered', async t => {
  const dir = t.testdir({ out: { a: {} }, outside: {} })
  const { openDirectories } = await t.mockImport<typeof import('../../lib/files/directories.js')>(
    '../../lib/files/directories.js',
    {
      'node:fs': {
        ...fs,
        lstatSync: (at: string, options: object) => {
          const found = fs.lstatSync(at, options)
          if (at.endsWith('/a')) {
            fs.rmdirSync(join(dir, 'out/a'))
            fs.symlinkSync('../outside', join(dir, 'out/a'))
          }
          return found
        },
      },
    },
  )
  const directories = openDirectories(join(dir, 'out'), { durable: false })
  t.teardown(() => directories.close())
  t.throws(() => directories.make('a/x'), { code: 'ERR_PATH_TAKEN' })
  t.equal(descriptorsBelow(join(dir, 'outside')).length, 0)
})

t.test('a link that appears on the resolved way of another is not followed', async t => {
  const dir = t.testdir({ out: { a: {} }, outside: {} })
  fs.symlinkSync('a', join(dir, 'out/link'))
  const { openDirectories } = await t.mockImport<typeof import('../../lib/files/directories.js')>(
    '../../lib/files/directories.js',
    {
      'node:fs': {
        ...fs,
        realpathSync: {
          native: (at: string) => {
            const real = fs.realpathSync.native(at)
            if (at.endsWith('/link')) {
              fs.rmdirSync(join(dir, 'out/a'))
              fs.symlinkSync('../outside', join(dir, 'out/a'))
            }
            return real
          },
        },
      },
    },
  )
  const directories = openDirectories(join(dir, 'out'), { durable: false })
  t.teardown(() => directories.close())
  t.throws(() => directories.make('link/x'), { code: 'ERR_PATH_ESCAPE' })
})

t.test('handles stay few however many directories there are, and none is left at the end', async t => {
  const root = t.testdir()
  const directories = openDirectories(root, { durable: false })
  for (let n = 0; n < 200; n++) fs.writeFileSync(directories.make(`d${n % 100}/e/x${n}`).at, '')
  t.ok(descriptorsBelow(root).length <= 65, `${descriptorsBelow(root).length} handles`)
  fs.writeFileSync(directories.make(`${'deep/'.repeat(100)}x`).at, '')
  t.ok(descriptorsBelow(root).length <= 65)
  directories.close()
  t.equal(descriptorsBelow(root).length, 0)
  const other = fs.openSync(join(root, 'd0'), 'r')
  directories.close()
  t.ok(fs.fstatSync(other).isDirectory(), 'what got a number afterwards keeps it')
  fs.closeSync(other)
})

for (const [name, hold] of Object.entries(holds))
  t.test(`${name}: once closed, nothing is found or made`, async t => {
    const { root, directories } = make(t, hold)
    directories.find('a/b/x')
    directories.close()
    const closed = { code: 'ERR_DESTINATION', scope: 'run', message: 'the sink is closed' }
    for (const path of ['x', 'a/b/x', 'new/x']) {
      t.throws(() => directories.find(path), closed, path)
      t.throws(() => directories.make(path), closed, path)
    }
    t.notOk(fs.existsSync(join(root, 'new')))
  })

t.test('a durable directory has its name flushed, once, when it is made', async t => {
  const flushed: string[] = []
  const hold = await import('../../lib/files/hold.js')
  const { openDirectories } = await t.mockImport<typeof import('../../lib/files/directories.js')>(
    '../../lib/files/directories.js',
    { '../../lib/files/hold.js': { ...hold, flushNames: (at: string) => flushed.push(fs.readlinkSync(at)) } },
  )
  const root = fs.realpathSync(t.testdir())
  const directories = openDirectories(root, { durable: true })
  t.teardown(() => directories.close())
  directories.make('a/b/x')
  directories.make('a/b/y')
  t.strictSame(flushed, [root, join(root, 'a')])
})
