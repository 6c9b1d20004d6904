import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { forkFixture } from '../../fixtures/command.js'
import { makeRoot } from '../../fixtures/sink.js'
import { treeOf } from '../../fixtures/tree.js'
import type { StoredAsset } from '../../lib/entry.js'
import { openView, type View } from '../../lib/files/view.js'
import { openWorkspace } from '../../lib/files/workspace.js'

const known: StoredAsset = { urlKey: 'k', wireBytes: 3, bytes: 3, mtimeMs: 1 }

/** A directory with `content`, and one beside it for shadows: what is left there in the end was left by a view. */
const makeDirs = (t: Test, content: Parameters<Test['testdir']>[0] = {}) => {
  const { TMPDIR } = process.env
  const root = makeRoot(t, { out: content, shadows: {} })
  const place = join(root, 'shadows')
  process.env['TMPDIR'] = place
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  })
  // The loader of TypeScript keeps a cache there, too.
  const shadows = () => readdirSync(place).filter(name => name.startsWith('sluice-'))
  return { dir: join(root, 'out'), place, shadows }
}

/** The same with an index in which every one of `rounds` was put by a run of its own. */
const make = async (t: Test, { rounds = [['a.jpg']] }: { rounds?: readonly string[][] } = {}) => {
  const { dir, ...dirs } = makeDirs(t, { 'a.jpg': 'old' })
  for (const paths of rounds) {
    const workspace = await openWorkspace(dir, { durable: false })
    await Promise.all(paths.map(path => workspace.index.put(path, known)))
    await workspace.close()
  }
  return { dir, ...dirs, index: join(dir, '.sluice/index') }
}

/** Looks at `dir` for as long as `look` takes, and proves that the look left nothing behind. */
const untouched = async (
  t: Test,
  { dir, shadows }: { dir: string; shadows: () => string[] },
  look: (view: View) => Promise<unknown>,
): Promise<void> => {
  const before = treeOf(dir, { exactly: true })
  const { mtimeMs } = statSync(dir)
  const view = await openView(dir)
  try {
    await look(view)
  } finally {
    await view.close()
  }
  t.strictSame(treeOf(dir, { exactly: true }), before)
  t.equal(statSync(dir).mtimeMs, mtimeMs)
  t.strictSame(shadows(), [], 'no shadow is left')
}

/** What another process hears that opens `dir` for a run of its own; it is gone afterwards. */
const otherRun = async (dir: string, whileItHolds: () => Promise<unknown> = async () => {}) => {
  const child = forkFixture('open-workspace', [dir])
  const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  await whileItHolds()
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  return answer
}

/** The files of an index by their suffix. */
const filesOf = (index: string, pattern: RegExp): string[] =>
  readdirSync(index).filter(name => pattern.test(name))

t.test('what the index knows is told, and nothing below the directory is changed', async t => {
  const made = await make(t)
  await untouched(t, made, async ({ root, index, claims, fold }) => {
    t.equal(root, made.dir)
    t.strictSame(await index.get('a.jpg'), known)
    t.equal(await index.get('b.jpg'), undefined)
    t.equal(claims.claim('a', 0, 'url'), undefined)
    t.match(await claims.claim('a', 1, 'url'), { of: 0, sameUrl: true })
    t.equal(fold('A'), 'A')
  })
})

t.test('what is in tables is told like what is in a log that was not flushed', async t => {
  const many = Array.from({ length: 40_000 }, (_, n) => `many/${n}`)
  const made = await make(t, { rounds: [['a.jpg', 'b.jpg'], many, ['c.jpg']] })
  t.ok(filesOf(made.index, /\.ldb$/).length > 1)
  t.ok(filesOf(made.index, /\.log$/).some(name => statSync(join(made.index, name)).size > 0))
  await untouched(t, made, async ({ index }) => {
    for (const path of ['a.jpg', 'b.jpg', 'c.jpg', 'many/0', 'many/39999'])
      t.strictSame(await index.get(path), known, path)
  })
})

t.test('a table that a killed run left unlisted is not written through', async t => {
  const made = await make(t, { rounds: [['a.jpg'], ['b.jpg']] })
  const last = Math.max(...readdirSync(made.index).map(name => Number(/\d+/.exec(name)?.[0] ?? 0)))
  for (let more = 1; more < 10; more++)
    writeFileSync(join(made.index, `${String(last + more).padStart(6, '0')}.ldb`), 'half a table')
  await untouched(t, made, async ({ index }) => {
    t.strictSame(await index.get('a.jpg'), known)
    t.strictSame(await index.get('b.jpg'), known)
  })
})

t.test('a damaged index is begun anew in the shadow only, from what its log has', async t => {
  const cases: Record<string, (index: string) => void> = {
    'no CURRENT': index => rmSync(join(index, 'CURRENT')),
    'CURRENT of nothing': index => writeFileSync(join(index, 'CURRENT'), 'MANIFEST-999999\n'),
    'CURRENT is rubbish': index => writeFileSync(join(index, 'CURRENT'), 'rubbish'),
    'no tables': index => {
      for (const name of filesOf(index, /\.ldb$/)) rmSync(join(index, name))
    },
    'a manifest of rubbish': index => {
      for (const name of filesOf(index, /^MANIFEST/)) writeFileSync(join(index, name), 'x'.repeat(500))
    },
  }
  for (const [title, damage] of Object.entries(cases))
    await t.test(title, async t => {
      const made = await make(t, { rounds: [['a.jpg'], ['b.jpg'], ['c.jpg']] })
      damage(made.index)
      // Numbers that an index which is begun anew gives to its own tables.
      for (let n = 2; n < 8; n++) {
        const table = join(made.index, `00000${n}.ldb`)
        if (!existsSync(table)) writeFileSync(table, 'a table')
      }
      await untouched(t, made, async ({ index }) => t.strictSame(await index.get('c.jpg'), known))
    })
})

t.test('a table of rubbish makes only what it holds unknown', async t => {
  const made = await make(t, { rounds: [['a.jpg'], ['b.jpg']] })
  for (const name of filesOf(made.index, /\.ldb$/)) writeFileSync(join(made.index, name), 'x'.repeat(200))
  await untouched(t, made, async ({ index }) => {
    t.equal(await index.get('a.jpg'), undefined)
    t.strictSame(await index.get('b.jpg'), known)
  })
})

t.test('a directory without an index, or none at all, is looked at like an empty one', async t => {
  const { dir: parent, shadows } = makeDirs(t, {
    bare: { 'a.jpg': 'old' },
    begun: { '.sluice': { tmp: {} } },
    locked: {},
  })
  mkdirSync(join(parent, 'locked/.sluice/index'), { recursive: true })
  writeFileSync(join(parent, 'locked/.sluice/index/LOCK'), '')
  for (const name of ['bare', 'begun', 'locked'])
    await untouched(t, { dir: join(parent, name), shadows }, async ({ root, index }) => {
      t.equal(root, join(parent, name))
      t.equal(await index.get('a.jpg'), undefined)
    })
  const view = await openView(join(parent, 'missing/out'))
  t.strictSame(readdirSync(view.root), [], 'what stands there: nothing')
  await view.close()
  t.strictSame(readdirSync(parent).sort(), ['begun', 'bare', 'locked'].sort())
  t.strictSame(shadows(), [])
})

t.test('what is no directory is refused as a run would refuse it', async t => {
  const { dir, shadows } = makeDirs(t, {
    file: '',
    dangling: t.fixture('symlink', 'nowhere'),
    away: { '.sluice': t.fixture('symlink', '../elsewhere') },
    blocked: { '.sluice': 'a file' },
    led: { '.sluice': { index: t.fixture('symlink', '../../elsewhere') } },
    elsewhere: {},
  })
  const cases = {
    file: 'file',
    'file/out': 'file/out',
    dangling: 'dangling',
    away: 'away/.sluice',
    blocked: 'blocked/.sluice',
    led: 'led/.sluice/index',
  }
  for (const [name, what] of Object.entries(cases)) {
    const refusal = {
      code: 'ERR_DESTINATION',
      scope: 'run',
      message: `${join(dir, what)} is not a directory`,
    }
    await t.rejects(openView(join(dir, name)), refusal, name)
    await t.rejects(openWorkspace(join(dir, name), { durable: false }), { code: 'ERR_DESTINATION' }, name)
  }
  t.strictSame(shadows(), [])
})

t.test('while a run of another process holds the directory it is not looked at', async t => {
  const made = await make(t)
  const answer = await otherRun(made.dir, () =>
    t.rejects(openView(made.dir), {
      code: 'ERR_DESTINATION',
      scope: 'run',
      message: `another sluice run is using ${made.dir}`,
    }),
  )
  t.equal(answer, 'opened')
  t.strictSame(made.shadows(), [])
  await untouched(t, made, async () => {})
})

t.test('a run that lost its index holds the directory all the same', async t => {
  const made = await make(t)
  const answer = await otherRun(made.dir, async () => {
    rmSync(join(made.index, 'CURRENT'))
    await t.rejects(openView(made.dir), { message: /another sluice run/ })
  })
  t.equal(answer, 'opened')
})

t.test('a run of this process is not looked at, and keeps its lock', async t => {
  const made = await make(t)
  symlinkSync('out', join(made.dir, '../link'))
  const workspace = await openWorkspace(made.dir, { durable: false })
  for (const name of [made.dir, join(made.dir, '../link')])
    await t.rejects(openView(name), {
      code: 'ERR_DESTINATION',
      message: `another sluice run is using ${name}`,
    })
  t.match(await otherRun(made.dir), /another sluice run/)
  await workspace.close()
  t.strictSame(made.shadows(), [])
  await untouched(t, made, async () => {})
})

t.test('no run begins while the directory is looked at, and any may afterwards', async t => {
  const { dir } = await make(t)
  const view = await openView(dir)
  t.match(await otherRun(dir), /another sluice run/)
  await t.rejects(openWorkspace(dir, { durable: false }), { message: /another sluice run/ })
  await t.rejects(openView(dir), { message: /another sluice run/ })
  t.match(await otherRun(dir), /another sluice run/, 'those that were refused freed nothing')
  await view.close()
  t.equal(await otherRun(dir), 'opened')
  await (await openWorkspace(dir, { durable: false })).close()
})

t.test('a directory that takes no change is looked at, too', async t => {
  const made = await make(t)
  const places = [made.dir, join(made.dir, '.sluice'), made.index]
  // Root is denied nothing, so that it has to be somebody else for a moment.
  const isRoot = process.getuid?.() === 0
  const nobody = 65_534
  if (isRoot)
    for (const place of [
      made.place,
      ...places,
      ...readdirSync(made.index).map(name => join(made.index, name)),
    ])
      chownSync(place, nobody, nobody)
  for (const place of places) chmodSync(place, 0o500)
  const before = treeOf(made.dir, { exactly: true })
  if (isRoot) process.seteuid?.(nobody)
  try {
    t.throws(() => writeFileSync(join(made.dir, 'new'), ''), { code: 'EACCES' })
    const view = await openView(made.dir)
    t.strictSame(await view.index.get('a.jpg'), known)
    await view.close()
  } finally {
    if (isRoot) process.seteuid?.(0)
    for (const place of places) chmodSync(place, 0o700)
  }
  t.strictSame(Object.keys(treeOf(made.dir)), Object.keys(before))
  t.strictSame(made.shadows(), [])
})

/** The view with a disk that refuses what `refuse` says. */
const refusing = (t: Test, refuse: Partial<typeof fs>) =>
  t.mockImport<typeof import('../../lib/files/view.js')>('../../lib/files/view.js', {
    'node:fs/promises': { ...fs, ...refuse },
  })

const denial = (code: string, syscall: string) =>
  Promise.reject(Object.assign(new Error(code), { code, syscall }))

t.test(
  'a lock that cannot be written is needless on a read-only disk, and a reason to refuse elsewhere',
  async t => {
    const made = await make(t)
    const readOnly = await refusing(t, { access: () => denial('EROFS', 'access') })
    const view = await readOnly.openView(made.dir)
    t.strictSame(await view.index.get('a.jpg'), known)
    await view.close()

    const denied = await refusing(t, { access: () => denial('EACCES', 'access') })
    const refusal = { code: 'ERR_DESTINATION', scope: 'run', message: `${made.dir} cannot be used: ` }
    for (const attempt of [1, 2]) await t.rejects(denied.openView(made.dir), refusal, `attempt ${attempt}`)
    t.strictSame(made.shadows(), [])
    await untouched(t, made, async () => {})
  },
)

t.test('a lock that is none is a reason to refuse', async t => {
  const { dir, shadows } = makeDirs(t, { '.sluice': { index: { LOCK: {} } } })
  await t.rejects(openView(dir), { code: 'ERR_DESTINATION', message: `${dir} cannot be used: ` })
  t.strictSame(shadows(), [])
})

t.test('a view that could not be opened leaves neither a lock nor a shadow', async t => {
  const made = await make(t)
  const cases: Record<string, Partial<typeof fs>> = {
    'the shadow cannot be written': { copyFile: () => denial('ENOSPC', 'copyfile') },
    'the index cannot be read': { readdir: (() => denial('EIO', 'scandir')) as unknown as typeof fs.readdir },
    'the directory cannot be looked at': {
      lstat: (() => denial('EACCES', 'lstat')) as unknown as typeof fs.lstat,
    },
  }
  for (const [title, refuse] of Object.entries(cases)) {
    const { openView } = await refusing(t, refuse)
    await t.rejects(openView(made.dir), { code: 'ERR_DESTINATION', scope: 'run' }, title)
    t.strictSame(made.shadows(), [], title)
  }
  t.equal(await otherRun(made.dir), 'opened')
  await (await openWorkspace(made.dir, { durable: false })).close()
})

t.test('where there is no room for a shadow, that is said of its place', async t => {
  const { dir, place } = makeDirs(t)
  const missing = join(place, 'missing')
  process.env['TMPDIR'] = missing
  await t.rejects(openView(dir), { code: 'ERR_DESTINATION', message: `${missing} cannot be used: ` })
})

t.test('a process that exits with a view open takes its shadow along', async t => {
  const { dir, shadows } = await make(t)
  const child = forkFixture('open-view', [dir])
  await once(child, 'message')
  t.equal(shadows().length, 1)
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
  t.strictSame(shadows(), [])
})

t.test('the state directory tells whether the file system folds names', async t => {
  const made = await make(t)
  symlinkSync('.sluice', join(made.dir, '.SLUICE'))
  const folding = await refusing(t, { lstat: fs.stat as typeof fs.lstat })
  const view = await folding.openView(made.dir)
  t.equal(view.fold('a\u0301.JPG'), view.fold('\u00c1.jpg'))
  t.equal(view.claims.claim('A', 0, 'url'), undefined)
  t.match(await view.claims.claim('a', 1, 'other'), { of: 0, sameUrl: false })
  await view.close()
  rmSync(join(made.dir, '.SLUICE'))
  mkdirSync(join(made.dir, '.SLUICE'))
  await untouched(t, made, async ({ fold }) => t.equal(fold('A'), 'A'))
})
