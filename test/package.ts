import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import t, { type Test } from 'tap'
import { startOrigin } from '../fixtures/origin.js'
import { publicApi } from '../fixtures/public-api.js'
import { parsePage } from '../fixtures/readme/markdown.js'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist/lib/')

const { version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string
  exports: Record<string, { types: string; default: string } | string>
}

/** The doors: what users import, and the files behind it. */
const doors = Object.entries(exports).flatMap(([path, files]) =>
  typeof files === 'string' ? [] : [{ name: path.replace('.', 'sluice'), ...files }],
)

/** A directory that is not below the project, whose packages would otherwise be found from there. */
const makeProject = async (t: Test): Promise<string> => {
  const project = await mkdtemp(join(tmpdir(), 'sluice-'))
  t.teardown(() => rm(project, { recursive: true, force: true }))
  return project
}

const execute = promisify(execFile)

/** What a command says that ends well; anything else is thrown with all that it said. */
const run = async (cwd: string, command: string, ...args: readonly string[]): Promise<string> =>
  (await execute(command, args, { cwd })).stdout

/** Packs what is built, as it would be published; gives the tarball and what is in it. */
const pack = async (t: Test): Promise<{ tarball: string; files: string[] }> => {
  const to = await makeProject(t)
  // Without the scripts, which would build anew while other suites run what is built.
  const json = await run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', to)
  const [packed] = JSON.parse(json) as { filename: string; files: { path: string }[] }[]
  if (!packed) throw new Error('nothing was packed')
  return { tarball: join(to, packed.filename), files: packed.files.map(({ path }) => path) }
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))

/** What `folder` of the sources becomes. */
const builtFrom = (folder: string): string[] =>
  filesIn(folder)
    .filter(path => path.endsWith('.ts'))
    .flatMap(path => ['js', 'd.ts'].map(end => `dist/${path.replace(/ts$/, end)}`))

t.test('the package holds what runs, its types and what people read, and nothing else', async t => {
  const { files } = await pack(t)
  const read = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']
  // Which test proves which promise is for who has the tests.
  const docs = filesIn('docs').filter(path => !path.startsWith('docs/promises/'))
  const pages = [...docs, ...filesIn('fixtures/examples'), 'fixtures/sluice.config.json']
  // The command is bundled: it, and what it loads when it is needed.
  const command = files.filter(path => /^dist\/bin\/(?:sluice|[\w-]+-[A-Z0-9]{8})\.js$/.test(path))
  t.ok(command.includes('dist/bin/sluice.js'))
  t.strictSame(files.sort(), [...builtFrom('lib'), ...command, ...read, ...pages].sort())
})

t.test('a page in the package links to nothing that is not in it', async t => {
  const { files } = await pack(t)
  const isThere = (path: string) => files.some(file => file === path || file.startsWith(`${path}/`))
  const pages = files.filter(file => file.endsWith('.md'))
  const broken = pages.flatMap(page =>
    parsePage(page, readFileSync(join(root, page), 'utf8'))
      .links.map(({ target }) => target.replace(/#.*/, ''))
      .filter(target => target !== '' && !/^https?:/.test(target) && !isThere(join(dirname(page), target)))
      .map(target => `${page}: ${target}`),
  )
  t.ok(pages.length > 5)
  t.strictSame(broken, [])
})

t.test('publint and arethetypeswrong find nothing in it', async t => {
  const { tarball } = await pack(t)
  const bytes = Uint8Array.from(readFileSync(tarball))
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  t.strictSame(messages, [])
  await run(root, 'node_modules/.bin/attw', tarball, '--profile', 'esm-only', '--no-emoji')
})

t.test('whatever a door mentions has a name to import it by, and every name a sentence', async t => {
  const files = doors.map(({ types }) => join(root, types))
  t.strictSame(publicApi(files, dist), { forgotten: [], undocumented: [] })
})

t.test('every file of the doors can be imported by a name', async t => {
  const behind = doors.map(door => door.default).filter(path => path.includes('/doors/'))
  const files = readdirSync(join(dist, 'doors')).filter(name => name.endsWith('.js'))
  t.strictSame(
    behind.sort(),
    files.map(name => `./dist/lib/doors/${name}`),
  )
})

/** The functions and values of every door; a name that goes is a breaking change. */
const names: Record<string, string> = {
  sluice:
    'BrokenRow SyncError escapeControls exitCodeOf flagOf formatDuration formatRate formatRateOf formatSize kinds manifest nearestTo operatePool plan presets readOption readOrigins redactText redactUrl sync table toLine',
  'sluice/stages': 'dedupe entries fetch incremental name openTools plan recall',
  'sluice/flow': 'compose halting parallel settle',
  'sluice/throttle': 'throttle',
  'sluice/sink': 'openFileSink',
  'sluice/bucket': 'bucket',
  'sluice/pool': 'localPool sharedPool',
  'sluice/index': 'openIndex',
}

t.test('every door opens to the same names as ever, and opening it starts nothing', async t => {
  t.strictSame(
    doors.map(({ name }) => name),
    Object.keys(names),
  )
  for (const [door, expected] of Object.entries(names)) {
    const program = `const door = await import('${door}'); console.log(Object.keys(door).sort().join(' ')); console.log(process.getActiveResourcesInfo().filter(name => !/TTY|Pipe/.test(name)).join(' '))`
    const [found, active] = (await run(root, process.execPath, '--input-type=module', '-e', program)).split(
      '\n',
    )
    t.equal(found, expected, door)
    t.equal(active, '', `${door} starts nothing`)
  }
})

/** A program of a user, with everything that the types have to find. */
const program = `
import { sync, type Outcome } from 'sluice'
import { localPool } from 'sluice/pool'
import type { Sink } from 'sluice/sink'
import { throttle } from 'sluice/throttle'

const [, , url = '', out = ''] = process.argv
const outcomes: Outcome<{ sku: string }>[] = []
const run = sync([{ url, path: 'a', sku: 'x' }], { out, bwlimit: '50mbit' })
for await (const outcome of run) outcomes.push(outcome)
console.log(outcomes.map(({ status, sku }) => status + ' ' + sku).join(), run.summary?.exitCode)
export const through = throttle({ pool: localPool({ bytesPerSecond: 1e6 }) })
export const sink: Sink | undefined = undefined
`

t.test('installed into an empty project it syncs, types and runs', async t => {
  const { tarball } = await pack(t)
  const project = await makeProject(t)
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }')
  await run(project, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball)
  t.equal(await run(project, 'npx', 'sluice', '--version'), `${version}\n`)

  writeFileSync(join(project, 'program.ts'), program)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--skipLibCheck', 'false']
  for (const module of ['--module esnext --moduleResolution bundler', '--module nodenext'])
    await run(project, process.execPath, tsc, ...types, ...strict, ...module.split(' '), 'program.ts')

  const origin = await startOrigin({ asset: () => ({ size: 1000 }) })
  t.teardown(origin.close)
  const out = join(project, 'images')
  t.equal(await run(project, process.execPath, 'program.js', `${origin.url}/a`, out), 'stored x 0\n')
  t.ok(existsSync(join(out, 'a')))
})

t.test('a checkout is built by what npm ci runs at its end, and npx runs its command', async t => {
  const checkout = join(await makeProject(t), 'sluice')
  const left = ['.git', '.tap', 'dist', 'node_modules'].map(name => join(root, name))
  await cp(root, checkout, { recursive: true, filter: path => !left.includes(path) })
  // What npm ci installs before it is here already; all of npm ci is what ci begins with.
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'))
  await run(checkout, 'npm', 'run', 'prepare')
  t.equal(await run(checkout, 'npx', 'sluice', '--version'), `${version}\n`)
})
