import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { forkFixture } from '../../fixtures/command.js'
import { levelWrites } from '../../fixtures/level-writes.js'
import { openWorkspace } from '../../lib/files/workspace.js'

const options = { durable: false }

/** What another process gets to hear that opens `dir`; it holds what it got until `kill`. */
const otherProcess = async (dir: string) => {
  const child = forkFixture('open-workspace', [dir])
  const [answer] = await once(child, 'message')
  const kill = async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return { answer, kill }
}

const refusal = (dir: string, message: string | RegExp) => (t: Test) =>
  t.rejects(openWorkspace(dir, options), { code: 'ERR_DESTINATION', scope: 'run', message })

t.test('a directory is made with all that a run needs, for this user alone', async t => {
  const dir = join(t.testdir(), 'new', 'images')
  const workspace = await openWorkspace(dir, options)
  t.equal(workspace.root, dir)
  t.equal(workspace.tmp, join(dir, '.sluice', 'tmp'))
  t.equal(workspace.partial, join(dir, '.sluice', 'partial'))
  for (const made of [join(dir, '.sluice'), workspace.tmp, workspace.partial])
    t.equal(statSync(made).mode & 0o777, 0o700, made)
  t.same(readdirSync(dir), ['.sluice'])
  t.same(readdirSync(workspace.tmp), [], 'nothing is left of the probes')
  t.equal(workspace.claims.claim('a', 0, 'url'), undefined)
  await workspace.index.put('a', { urlKey: 'k', wireBytes: 1, bytes: 1, mtimeMs: 1 })
  await workspace.close()
})

t.test('what stands in the directory stays, and so does what is known of it', async t => {
  const dir = t.testdir({ 'a.jpg': 'old', '.sluice': { partial: { p: 'half' }, tmp: { q: 'half' } } })
  const known = { urlKey: 'k', wireBytes: 3, bytes: 3, mtimeMs: 1 }
  const workspace = await openWorkspace(dir, options)
  await workspace.index.put('a.jpg', known)
  await workspace.close()
  const again = await openWorkspace(dir, options)
  t.same(await again.index.get('a.jpg'), known)
  await again.close()
  t.equal(readFileSync(join(dir, 'a.jpg'), 'utf8'), 'old')
  t.ok(existsSync(join(dir, '.sluice', 'partial', 'p')))
  t.ok(existsSync(join(dir, '.sluice', 'tmp', 'q')), 'a partial asset may be in it')
})

t.test(
  'from when on a killed run may have stored what the index does not know is told until a run has seen all',
  async t => {
    const dir = t.testdir()
    const before = Date.now() - 50
    const other = await otherProcess(dir)
    await other.kill()
    const found: (number | undefined)[] = []
    for (const isComplete of [false, true, false, false]) {
      const workspace = await openWorkspace(dir, options)
      found.push(workspace.unfinishedSince)
      await workspace.close({ isComplete })
    }
    t.match(found, [Number, found[0], undefined, undefined])
    t.ok((found[0] ?? 0) >= before && (found[0] ?? 0) <= Date.now())
  },
)

t.test('a run that could not write the index is like one that was killed', async t => {
  const dir = t.testdir()
  const workspace = await openWorkspace(dir, options)
  const { write } = levelWrites
  t.capture(levelWrites, 'write', () => Promise.reject(new Error('full')))
  await t.rejects(workspace.index.put('a', { urlKey: 'k', wireBytes: 1, bytes: 1, mtimeMs: 1 }))
  t.capture(levelWrites, 'write', write)
  await workspace.close()
  const next = await openWorkspace(dir, options)
  t.match(next.unfinishedSince, Number)
  await next.close()
})

t.test('nothing is made or opened where a link in the state directory leads', async t => {
  const dir = t.testdir({
    index: { '.sluice': { index: t.fixture('symlink', '../../elsewhere') } },
    mark: { '.sluice': { unfinished: t.fixture('symlink', '../../elsewhere/mark') } },
    elsewhere: {},
  })
  await refusal(join(dir, 'index'), `${join(dir, 'index/.sluice/index')} is not a directory`)(t)
  await refusal(join(dir, 'mark'), /mark cannot be used: .*ELOOP/)(t)
  t.same(readdirSync(join(dir, 'elsewhere')), [])
})

t.test('the names of what is made outlive a power loss where that is asked for', async t => {
  const flushed: string[] = []
  const hold = await import('../../lib/files/hold.js')
  const { openWorkspace } = await t.mockImport<typeof import('../../lib/files/workspace.js')>(
    '../../lib/files/workspace.js',
    { '../../lib/files/hold.js': { ...hold, flushNames: (at: string) => void flushed.push(at) } },
  )
  const dir = t.testdir()
  for (const durable of [false, true]) {
    await (await openWorkspace(join(dir, `${durable}`, 'images'), { durable })).close()
    t.strictSame(flushed, durable ? [dir, join(dir, 'true'), join(dir, 'true/images')] : [])
  }
})

t.test('new files get 0666 less the umask', async t => {
  const before = process.umask()
  t.teardown(() => process.umask(before))
  for (const [umask, mode] of [
    [0, 0o666],
    [0o002, 0o664],
    [0o027, 0o640],
  ] as const) {
    process.umask(umask)
    const workspace = await openWorkspace(t.testdir(), options)
    t.equal(workspace.fileMode, mode)
    await workspace.close()
  }
})

t.test('a link to a directory is followed once', async t => {
  const dir = t.testdir({ real: {}, link: t.fixture('symlink', 'real') })
  const workspace = await openWorkspace(join(dir, 'link'), options)
  t.equal(workspace.root, join(dir, 'real'))
  await workspace.close()
})

t.test('a second run in this process is refused, by whatever name, until the first is closed', async t => {
  const dir = t.testdir({ real: {}, link: t.fixture('symlink', 'real') })
  const real = join(dir, 'real')
  const workspace = await openWorkspace(real, options)
  for (const name of [real, join(dir, 'link'), join(dir, 'real', '..', 'link')])
    await refusal(name, `another sluice run is using ${name}`)(t)
  await workspace.close()
  await (await openWorkspace(join(dir, 'link'), options)).close()
})

t.test('a second process is refused, also after a second run in this process was', async t => {
  const dir = t.testdir()
  const workspace = await openWorkspace(dir, options)
  await refusal(dir, /another sluice run/)(t)
  const other = await otherProcess(dir)
  t.equal(other.answer, `another sluice run is using ${dir}`)
  await other.kill()
  await workspace.close()
})

t.test('a holder that is killed holds nothing any more', async t => {
  const dir = t.testdir()
  const other = await otherProcess(dir)
  t.equal(other.answer, 'opened')
  await refusal(dir, `another sluice run is using ${dir}`)(t)
  await other.kill()
  await (await openWorkspace(dir, options)).close()
})

t.test('nothing is changed by a run that is refused', async t => {
  const dir = t.testdir()
  const other = await otherProcess(dir)
  const claims = join(dir, '.sluice', 'claims')
  mkdirSync(claims)
  await refusal(dir, /another sluice run/)(t)
  t.ok(existsSync(claims))
  await other.kill()
  await (await openWorkspace(dir, options)).close()
  t.notOk(existsSync(claims), 'the next run deletes them')
})

t.test('what is no directory is refused with its name', async t => {
  const dir = t.testdir({
    file: '',
    dangling: t.fixture('symlink', 'nowhere'),
    linked: { '.sluice': t.fixture('symlink', '../elsewhere') },
    plain: { '.sluice': 'a file' },
    inner: { '.sluice': { tmp: t.fixture('symlink', '../../elsewhere') } },
    elsewhere: {},
  })
  for (const name of ['file', 'file/below'])
    await refusal(join(dir, name), `${join(dir, name)} is not a directory`)(t)
  await refusal(join(dir, 'dangling'), /dangling cannot be used: /)(t)
  for (const name of ['linked/.sluice', 'plain/.sluice', 'inner/.sluice/tmp'])
    await refusal(join(dir, name.split('/')[0] ?? ''), `${join(dir, name)} is not a directory`)(t)
  t.same(readdirSync(join(dir, 'elsewhere')), [])
  t.ok(lstatSync(join(dir, 'dangling')).isSymbolicLink())
})

t.test('a directory that may not or cannot be written is refused with its name', async t => {
  // Root, as whom tests may run, is never denied anything.
  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOSPC']) {
    const { openWorkspace } = await t.mockImport<typeof import('../../lib/files/workspace.js')>(
      '../../lib/files/workspace.js',
      {
        'node:fs/promises': {
          ...fs,
          mkdir: () => Promise.reject(Object.assign(new Error(code), { code, syscall: 'mkdir' })),
        },
      },
    )
    await t.rejects(openWorkspace('images', options), {
      code: 'ERR_DESTINATION',
      scope: 'run',
      message: new RegExp(`^images cannot be used: .*${code}`),
    })
  }
})

t.test('a run that could not be opened leaves the lock to the next', async t => {
  const dir = t.testdir({ '.sluice': { index: {} } })
  symlinkSync('..', join(dir, '.sluice', 'partial'))
  await refusal(dir, /partial is not a directory$/)(t)
  const other = await otherProcess(dir)
  t.match(other.answer, /partial is not a directory$/, 'not: another run')
  await other.kill()
  writeFileSync(join(dir, 'still-usable'), '')
})

t.test('a directory that takes no entries is refused rather than tried for ever', async t => {
  t.plan(1)
  await t.rejects(openWorkspace('/proc/sluice/out', { durable: false }), { code: 'ERR_DESTINATION' })
})
