import fs from 'node:fs'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { makeFolders } from '../../fixtures/sink.js'
import {
  describePartial,
  forgetPartial,
  keepPartial,
  leastPartialBytes,
  removePartial,
  sweep,
  takePartial,
} from '../../lib/files/partials.js'

const asset = { path: 'a/large.bin', urlKey: 'key' }
const facts = { ...asset, etag: '"v1"', totalBytes: 3 * leastPartialBytes }
const day = 86400e3

const make = (t: Test) => makeFolders(t.testdir())

/** A file in tmp as a killed run leaves it. */
const leave = (tmp: string, name: string, bytes = leastPartialBytes, sidecar: object | undefined = facts) => {
  const file = join(tmp, name)
  fs.writeFileSync(file, Buffer.alloc(bytes, name))
  if (sidecar) describePartial(file, sidecar as typeof facts)
  return file
}

t.test('what a killed run left of a large asset is found again by its path and URL key', async t => {
  const folders = make(t)
  leave(folders.tmp, 'left')
  await sweep(folders, Date.now())
  t.strictSame(fs.readdirSync(folders.tmp), [])
  const kept = fs.readdirSync(folders.partial).sort()
  t.match(kept[0], /^[0-9a-f]{32}$/)
  t.equal(kept[1], `${kept[0]}.json`)
  t.equal(takePartial(folders, { ...asset, path: 'b' }), undefined)
  t.equal(takePartial(folders, { ...asset, urlKey: 'other' }), undefined)
  const taken = takePartial(folders, asset)
  t.strictSame(taken?.facts, facts)
  t.strictSame(fs.readFileSync(taken?.file ?? ''), Buffer.alloc(leastPartialBytes, 'left'))
  t.strictSame(fs.readdirSync(folders.partial), [], 'whoever takes it owns it')
  t.equal(takePartial(folders, asset), undefined)
})

t.test('of what a killed run had all of, the last byte is asked for again', async t => {
  const folders = make(t)
  const file = leave(folders.tmp, 'left', facts.totalBytes)
  t.equal(keepPartial(file, folders), false, 'a run that was not killed has no use for it')
  await sweep(folders, Date.now())
  const taken = takePartial(folders, asset)
  t.strictSame(taken?.facts, facts)
  t.equal(fs.statSync(taken?.file ?? '').size, facts.totalBytes - 1)
})

t.test('a partial is kept only where it can be gone on from', async t => {
  const cases: Record<string, (file: string) => void> = {
    'without a description': file => fs.rmSync(`${file}.json`),
    'with half a description': file => fs.truncateSync(`${file}.json`, 20),
    'with a description of something else': file => fs.writeFileSync(`${file}.json`, '[1]'),
    'with a description that is null': file => fs.writeFileSync(`${file}.json`, 'null'),
    'without a version': file =>
      fs.writeFileSync(`${file}.json`, fs.readFileSync(`${file}.json`, 'utf8').replace('etag', 'tag')),
    'of another boot': file =>
      fs.writeFileSync(
        `${file}.json`,
        JSON.stringify({ ...facts, boot: '00000000-0000-0000-0000-000000000000' }),
      ),
    'below 1 MiB': file => fs.truncateSync(file, leastPartialBytes - 1),
    'with too many bytes': file => fs.truncateSync(file, facts.totalBytes + 1),
    'that is gone': file => fs.rmSync(file),
    'that is a link': file => {
      fs.rmSync(file)
      fs.symlinkSync('/dev/zero', file)
    },
  }
  for (const [title, spoil] of Object.entries(cases)) {
    const folders = make(t)
    const file = leave(folders.tmp, 'left')
    spoil(file)
    t.equal(keepPartial(file, folders), false, `kept: ${title}`)
    await sweep(folders, Date.now())
    t.strictSame(fs.readdirSync(folders.tmp), [], `tmp: ${title}`)
    t.strictSame(fs.readdirSync(folders.partial), [], `partial: ${title}`)
  }
})

t.test('sweeping empties tmp of whatever is there and nothing else', async t => {
  const folders = make(t)
  fs.mkdirSync(join(folders.tmp, 'dir/deep'), { recursive: true })
  fs.writeFileSync(join(folders.tmp, '.json'), '')
  fs.writeFileSync(join(folders.tmp, 'lonely.json'), '{}')
  fs.writeFileSync(join(folders.root, 'asset'), 'asset')
  fs.symlinkSync('../..', join(folders.tmp, 'link'))
  for (let n = 0; n < 1000; n++) fs.writeFileSync(join(folders.tmp, `f${n}`), '')
  await sweep(folders, Date.now())
  t.strictSame(fs.readdirSync(folders.tmp), [])
  t.equal(fs.readFileSync(join(folders.root, 'asset'), 'utf8'), 'asset')
})

t.test('partials are dropped after seven days, and so is what is no partial', async t => {
  const folders = make(t)
  const now = Date.now()
  const young = leave(folders.tmp, 'young', leastPartialBytes, { ...facts, path: 'young' })
  const old = leave(folders.tmp, 'old', leastPartialBytes, { ...facts, path: 'old' })
  fs.utimesSync(young, (now - 6.9 * day) / 1000, (now - 6.9 * day) / 1000)
  fs.utimesSync(old, (now - 7.1 * day) / 1000, (now - 7.1 * day) / 1000)
  fs.writeFileSync(join(folders.partial, 'rubbish'), '')
  fs.writeFileSync(join(folders.partial, 'lonely.json'), '{}')
  await sweep(folders, now)
  t.equal(fs.readdirSync(folders.partial).length, 2)
  t.equal(takePartial(folders, { ...asset, path: 'old' }), undefined)
  t.ok(takePartial(folders, { ...asset, path: 'young' }))
})

t.test('a partial replaces the one that was kept before, description and all', async t => {
  const folders = make(t)
  t.ok(keepPartial(leave(folders.tmp, 'first'), folders))
  t.ok(keepPartial(leave(folders.tmp, 'second', leastPartialBytes, { ...facts, etag: '"v2"' }), folders))
  const taken = takePartial(folders, asset)
  t.equal(taken?.facts.etag, '"v2"')
  t.strictSame(fs.readFileSync(taken?.file ?? ''), Buffer.alloc(leastPartialBytes, 'second'))
})

t.test(
  'bytes never lie beside the description of another version, whichever step a kill interrupts',
  async t => {
    const steps: string[][] = []
    const folders = make(t)
    const spied = Object.fromEntries(
      (['renameSync', 'rmSync'] as const).map(name => [
        name,
        (...args: [string, string]) => {
          ;(fs[name] as (...args: string[]) => void)(...args)
          const [data] = fs.readdirSync(folders.partial).filter(name => !name.endsWith('.json'))
          const [sidecar] = fs.readdirSync(folders.partial).filter(name => name.endsWith('.json'))
          if (data && sidecar)
            steps.push([
              fs.readFileSync(join(folders.partial, data)).toString('utf8', 0, 1),
              JSON.parse(fs.readFileSync(join(folders.partial, sidecar), 'utf8')).etag,
            ])
        },
      ]),
    )
    const { keepPartial, takePartial } = await t.mockImport<typeof import('../../lib/files/partials.js')>(
      '../../lib/files/partials.js',
      { 'node:fs': { ...fs, ...spied } },
    )
    keepPartial(leave(folders.tmp, '1', leastPartialBytes, { ...facts, etag: '1' }), folders)
    keepPartial(leave(folders.tmp, '2', leastPartialBytes, { ...facts, etag: '2' }), folders)
    takePartial(folders, asset)
    t.ok(steps.length >= 2)
    for (const [bytes, etag] of steps) t.equal(bytes, etag)
  },
)

t.test('what cannot be gone on from any more loses its description, then its bytes', async t => {
  const { tmp } = make(t)
  const file = leave(tmp, 'left')
  t.equal(fs.statSync(`${file}.json`).mode & 0o777, 0o600)
  forgetPartial(file)
  t.strictSame(fs.readdirSync(tmp), [basename(file)])
  removePartial(file)
  removePartial(file)
  t.strictSame(fs.readdirSync(tmp), [])
})

t.test('a workspace that cannot be swept or written ends the run', async t => {
  const folders = make(t)
  fs.rmSync(folders.tmp, { recursive: true })
  await t.rejects(sweep(folders, Date.now()), { code: 'ERR_DESTINATION', scope: 'run' })
  t.throws(() => describePartial(join(folders.tmp, 'x'), facts), { code: 'ERR_DESTINATION', scope: 'run' })
})

t.test('where the system tells no boots apart, partials are kept', async t => {
  const folders = make(t)
  const { describePartial, keepPartial } = await t.mockImport<typeof import('../../lib/files/partials.js')>(
    '../../lib/files/partials.js',
    {
      'node:fs': {
        ...fs,
        readFileSync: (file: string, encoding: BufferEncoding) =>
          fs.readFileSync(file.startsWith('/proc') ? '/none' : file, encoding),
      },
    },
  )
  const file = leave(folders.tmp, 'left', leastPartialBytes, undefined)
  describePartial(file, facts)
  t.ok(keepPartial(file, folders))
})
