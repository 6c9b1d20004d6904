import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { groups, suitesOf } from '../fixtures/together.js'

const root = join(import.meta.dirname, '..')

/** Where users come in: these only export, and test/package.ts comes through them as users do. */
const isDoor = (file: string): boolean => file === 'lib/index.ts' || file.startsWith('lib/doors/')

/** Files that may be long, and the one idea that makes them so. */
const longFiles = new Map([
  ['lib/files/directories.ts', 'one walk, of which each step relies on the one before'],
  ['lib/http/asset.ts', 'one asset: which version its bytes are of, through all its answers and attempts'],
  ['lib/http/connection.ts', 'one socket, with what undici and libuv do not tell of it'],
  ['lib/http/exchange.ts', 'one exchange: what becomes of its answer, whoever ends it'],
  ['lib/options/table.ts', 'one table: a row for every option'],
  [
    'lib/pool/asker.ts',
    'one conversation with a ledger: when it is asked, what an answer leads to, and how it ends',
  ],
  [
    'lib/pool/joined-pool.ts',
    'one process in a pool: what it waits for, what it has, and what it hears, which all bear on each other',
  ],
  ['bin/topics.ts', 'text: a page of help for every topic'],
])

const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name}`)

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const twinOf = (file: string): string =>
  file.startsWith('bin/') ? `test/${file}` : file.replace(/^lib/, 'test')

/** Whether anything of `source` is left when its types are gone. */
const emitsCode = (source: string): boolean => {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, removeComments: true },
  })
  return outputText.replace('export {};', '').trim() !== ''
}

const sources = [...filesOf('lib'), ...filesOf('bin')]

t.test('every file that does something has a twin that proves it', async t => {
  const unproved = sources.filter(file => emitsCode(read(file)) && !existsSync(join(root, twinOf(file))))
  t.strictSame(
    unproved.filter(file => !isDoor(file)),
    [],
  )
})

t.test('no file is long without a reason', async t => {
  const long = [...sources, ...filesOf('fixtures'), ...filesOf('bench')].filter(
    file => read(file).trimEnd().split('\n').length > 180,
  )
  t.strictSame(
    long.filter(file => !longFiles.has(file)),
    [],
  )
  t.strictSame(
    [...longFiles.keys()],
    long.filter(file => longFiles.has(file)),
    'no exception is idle',
  )
})

t.test('every suite runs, and once', async t => {
  const listed = execFileSync('npx', ['tap', 'list'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(file => file.endsWith('.ts') && !file.includes('test/together/'))
  const together = Object.keys(groups).flatMap(suitesOf)
  t.strictSame(
    [...listed, ...together.map(suite => `test/${suite}`)].sort(),
    filesOf('test')
      .filter(file => !file.startsWith('test/together/'))
      .sort(),
  )
  t.strictSame(
    filesOf('test/together').sort(),
    Object.keys(groups).map(name => `test/together/${name}.ts`),
  )
})

t.test('the doors have no logic', async t => {
  for (const door of sources.filter(isDoor)) {
    const { statements } = ts.createSourceFile(door, read(door), ts.ScriptTarget.ES2023)
    t.ok(statements.length > 0, door)
    t.strictSame(
      statements.filter(statement => !ts.isExportDeclaration(statement)).map(({ pos }) => pos),
      [],
      door,
    )
  }
})

t.test('nothing is left for later, and no test shuts out the others', async t => {
  const leftovers = /\b(TO|FIX)(DO|ME)\b|\.only\(/
  for (const file of [...sources, ...['test', 'fixtures', 'bench'].flatMap(filesOf)])
    t.notMatch(read(file), leftovers, file)
})

t.test('the tree in CONTRIBUTING names every folder of lib, and only what exists', async t => {
  const [, tree = ''] = /```\n([\s\S]*?)```/.exec(read('CONTRIBUTING.md')) ?? []
  const named = tree.match(/(?<=^ *)(lib|bin|test|fixtures|bench)\/\S*/gm) ?? []
  t.strictSame(
    named.filter(path => !existsSync(join(root, path))),
    [],
  )
  const folders = sources.map(file => file.slice(0, file.lastIndexOf('/') + 1))
  t.strictSame(
    [...new Set(folders)].filter(folder => !named.some(path => path.startsWith(folder))),
    [],
  )
})

/** What some files may import, and what they may not. */
const imports: Record<string, { allowed: string[]; refused: string[] }> = {
  'lib/errors.ts': {
    allowed: ['./units.js', 'node:util'],
    refused: [
      'undici',
      './flow/settle.js',
      './options/table.js',
      './run/sync.js',
      './index.js',
      '../bin/main.js',
    ],
  },
  'lib/files/claims.ts': {
    allowed: ['classic-level', '../errors.js', './bloom.js'],
    refused: ['../flow/settle.js', '../rate/pool.js', '../options/table.js', '../run/sync.js', '../index.js'],
  },
  'lib/http/retry.ts': {
    allowed: ['p-retry', '../errors.js', '../rate/pool.js', './redirect.js'],
    refused: ['../flow/settle.js', '../files/claims.js', '../stages/fetch.js', '../run/sync.js'],
  },
  'lib/ledger/step.ts': {
    allowed: ['../errors.js', './terms.js'],
    refused: ['../rate/pool.js', '../pool/keeper.js', '../run/sync.js'],
  },
  'lib/pool/keeper.ts': {
    allowed: ['../errors.js', '../ledger/terms.js', '../rate/pool.js'],
    refused: ['../http/retry.js', '../run/sync.js', '../index.js'],
  },
  'lib/pool/redis/redis-keeper.ts': {
    allowed: [
      'ioredis',
      '../../errors.js',
      '../../ledger/terms.js',
      '../../rate/pool.js',
      '../keeper.js',
      './lua/step.js',
    ],
    refused: ['../../http/retry.js', '../../run/sync.js', '../../index.js', '../../../bin/main.js'],
  },
  'lib/stages/fetch.ts': {
    allowed: ['../errors.js', '../http/retry.js'],
    refused: [
      './dedupe.js',
      '../stages/dedupe.js',
      '../sources/json.js',
      '../run/sync.js',
      '../doors/flow.js',
      '../index.js',
    ],
  },
  'lib/sources/json.ts': {
    allowed: ['stream-json', '../errors.js', './utf8.js'],
    refused: ['./tsv.js', './manifest.js', '../sources/tsv.js', '../stages/fetch.js', '../run/sync.js'],
  },
  'lib/sources/manifest.ts': {
    allowed: ['./json.js', './tsv.js'],
    refused: ['../stages/fetch.js', '../options/table.js', '../run/sync.js'],
  },
  'lib/options/table.ts': {
    allowed: ['./kinds.js', '../files/template.js', '../rate/timetable.js', '../sources/select.js'],
    refused: [
      '../stages/fetch.js',
      '../run/pipeline.js',
      '../doors/pool.js',
      '../index.js',
      '../../bin/main.js',
    ],
  },
  'lib/run/equipment.ts': {
    allowed: ['undici', './context.js', '../options/resolve.js', '../files/file-sink.js', '../rate/pool.js'],
    refused: ['../stages/fetch.js', '../doors/stages.js', '../index.js', '../../bin/main.js'],
  },
  'lib/run/pipeline.ts': {
    allowed: ['stream-chain', '../stages/fetch.js', '../flow/settle.js'],
    refused: ['./sync.js', './tools.js', '../sources/json.js', '../index.js', '../../bin/main.js'],
  },
  'lib/run/sync.ts': {
    allowed: ['undici', './pipeline.js', '../sources/manifest.js', '../rate/pool.js'],
    refused: ['../stages/fetch.js', '../doors/stages.js', '../index.js', '../../bin/main.js'],
  },
  'lib/index.ts': { allowed: ['./stages/fetch.js', './run/sync.js', './rate/pool.js'], refused: [] },
  'lib/doors/stages.ts': {
    allowed: ['../stages/fetch.js', '../http/client.js', '../run/tools.js'],
    refused: [],
  },
  'bin/main.ts': {
    allowed: ['pino', '../lib/index.js', './flags.js'],
    refused: ['../lib/run/sync.js', '../lib/stages/fetch.js', '../fixtures/origin.js'],
  },
}

t.test('the linter refuses imports that go up or sideways, and no others', async t => {
  const project = t.testdir({ '.biome.jsonc': read('.biome.jsonc') })
  const expected: string[] = []
  for (const [file, { allowed, refused }] of Object.entries(imports)) {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    const lines = [...refused, ...allowed].map(imported => `export * from '${imported}'\n`)
    writeFileSync(join(project, file), lines.join(''))
    expected.push(...refused.map((_, index) => `${file}:${index + 1}`))
  }
  const biome = join(root, 'node_modules/.bin/biome')
  const options = ['lint', '--reporter=github', '--max-diagnostics=none', '--only=style/noRestrictedImports']
  const { stdout } = spawnSync(biome, options, { cwd: project, encoding: 'utf8' })
  const found = stdout.matchAll(/^::error title=lint\/style\/noRestrictedImports,file=(.*?),line=(\d+)/gm)
  t.strictSame(
    Array.from(found, ([, file = '', line]) => `${relative(project, resolve(project, file))}:${line}`).sort(),
    expected.sort(),
  )
})
