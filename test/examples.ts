import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Ended, ended } from '../fixtures/command.js'
import { type Origin, startOrigin } from '../fixtures/origin.js'
import { makeRoot } from '../fixtures/sink.js'
import { storedPaths } from '../fixtures/tree.js'
import { until } from '../fixtures/until.js'

const examples = join(import.meta.dirname, '../fixtures/examples')
const built = join(import.meta.dirname, '../dist/fixtures/examples')

type Place = { origin: Origin; dir: string }

const make = async (t: Test): Promise<Place> => {
  const origin = await startOrigin({ asset: path => (path === '/gone.jpg' ? undefined : { size: 1000 }) })
  t.teardown(origin.close)
  return { origin, dir: makeRoot(t) }
}

const start = (t: Test, name: string, dir: string, args: readonly string[]) => {
  const child = spawn(process.execPath, [join(built, `${name}.js`), ...args], { cwd: dir })
  t.teardown(() => void child.kill('SIGKILL'))
  child.stdin.end()
  return child
}

const sortedLines = (text: string): string[] => text.trimEnd().split('\n').sort()

/** Every example as a process of its own: what it is given, and what comes of it. */
const cases: Record<string, { args: (place: Place) => string[]; lines: string[]; stored: string[] }> = {
  'stream-chain': {
    args({ origin, dir }) {
      const products = ['a', 'b', 'gone'].map(sku => ({ sku, image: `${origin.url}/${sku}.jpg` }))
      writeFileSync(join(dir, 'products.ndjson'), products.map(product => JSON.stringify(product)).join('\n'))
      return ['products.ndjson', 'out']
    },
    lines: ['a.jpg: stored', 'b.jpg: stored', 'gone.jpg: failed'],
    stored: ['out/a.jpg', 'out/b.jpg', 'products.ndjson'],
  },
  'custom-source': {
    args({ origin }) {
      const product = (sku: string) => ({ sku, image: `${origin.url}/${sku}.jpg` })
      const page = (skus: string[], next: string | null) => ({
        bytes: JSON.stringify({ products: skus.map(product), next }),
      })
      const last = origin.asset('/api?page=2', page(['b', 'gone'], null))
      return [origin.asset('/api?page=1', page(['a'], last)), 'out']
    },
    lines: ['2 stored', 'a: stored', 'b: stored', 'gone: the origin answered 404'],
    stored: ['out/a.jpg', 'out/b.jpg'],
  },
  'custom-sink': {
    args: ({ origin }) => ['out', `${origin.url}/a.jpg`, `${origin.url}/gone.jpg`],
    lines: ['a.jpg has 1000 bytes', 'a.jpg: stored', 'gone.jpg: failed'],
    stored: [],
  },
  abort: {
    args: ({ origin }) => ['out', '60000', `${origin.url}/a.jpg`],
    lines: ['1 of 1 stored', 'a.jpg: stored'],
    stored: ['out/a.jpg'],
  },
  'shared-pool': {
    args: ({ origin }) => ['images', `${origin.url}/a.jpg`, 'videos', `${origin.url}/b.mp4`],
    lines: ['a.jpg: stored', 'b.mp4: stored'],
    stored: ['images/a.jpg', 'videos/b.mp4'],
  },
  'file-sink': {
    args({ dir }) {
      writeFileSync(join(dir, 'original.bin'), 'some bytes')
      return ['original.bin', 'out', 'a/copy.bin']
    },
    lines: ['{ bytes: 10, mtimeMs: … }'],
    stored: ['original.bin', 'out/a/copy.bin'],
  },
}

for (const [name, { args, lines, stored }] of Object.entries(cases))
  t.test(`the example ${name} does what it says`, async t => {
    const place = await make(t)
    const { code, stdout, stderr }: Ended = await ended(start(t, name, place.dir, args(place)))
    t.strictSame({ code, stderr }, { code: 0, stderr: '' })
    t.strictSame(sortedLines(stdout.replace(/(?<=mtimeMs: )[\d.]+/, '…')), lines)
    t.strictSame(
      storedPaths(place.dir).filter(path => !path.includes('.sluice')),
      stored,
    )
  })

t.test('the example abort ends early at Ctrl-C, with an outcome for what it began', async t => {
  const { origin, dir } = await make(t)
  const url = origin.script('/held.jpg', { status: 503, headers: { 'retry-after': '60' } })
  const child = start(t, 'abort', dir, ['out', '60000', url])
  await until(() => origin.requests.length > 0)
  child.kill('SIGINT')
  const { code, stdout } = await ended(child)
  t.equal(code, 0)
  t.strictSame(sortedLines(stdout), ['0 of 1 stored', 'ended early: ERR_ABORTED', 'held.jpg: failed'])
})

t.test('every example is run, and imports what a user can import', async t => {
  const files = readdirSync(examples)
  t.strictSame(
    files.sort(),
    Object.keys(cases)
      .map(name => `${name}.ts`)
      .sort(),
  )
  for (const file of files) t.notMatch(readFileSync(join(examples, file), 'utf8'), /from '\.|\/lib\//, file)
})
