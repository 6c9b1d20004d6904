import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { flags } from '../bin/command-table.js'
import { exitStatuses } from '../bin/exit-statuses.js'
import { poolFlags } from '../bin/pool.js'
import { runShell } from '../fixtures/command.js'
import { type Asset, startOrigin } from '../fixtures/origin.js'
import { followChapter } from '../fixtures/readme/chapter.js'
import { withGenerated } from '../fixtures/readme/generated.js'
import type { TableRow } from '../fixtures/readme/markdown.js'
import { typeErrors } from '../fixtures/readme/program.js'
import { libraryTypes } from '../fixtures/readme/types.js'
import { readPages } from '../fixtures/readme.js'
import { makeRoot } from '../fixtures/sink.js'
import { flagOf, presets, table } from '../lib/index.js'
import { originTable } from '../lib/options/origin-table.js'

const repository = join(import.meta.dirname, '..')
/** Where the pages' commands come from. */
const commands = join(repository, 'fixtures/readme/bin')
const pages = readPages(repository)
const chapters = pages.flatMap(({ file, chapters }) => chapters.map(chapter => ({ file, ...chapter })))
const blocks = chapters.flatMap(chapter => chapter.blocks)

const read = (file: string): string => readFileSync(join(repository, file), 'utf8')

/** The rows of the tables under a heading, without their own heads. */
const rowsOf = (file: string, anchor: string): TableRow[] => {
  const rows = pages.find(page => page.file === file)?.tables.get(anchor) ?? []
  const isRule = (row: TableRow | undefined) => row?.every(cell => /^:?-+:?$/.test(cell)) ?? false
  return rows.filter((row, index) => !isRule(row) && !isRule(rows[index + 1]))
}

const firstCells = (file: string, anchor: string): string[] =>
  rowsOf(file, anchor).flatMap(([cell = '']) => cell.split(', '))

t.test('every command of every page runs and shows what the page says', async t => {
  for (const { file, ...chapter } of chapters)
    if (chapter.blocks.length > 0)
      await t.test(`${file}: ${chapter.title || 'the first screen'}`, t => followChapter(t, chapter))
})

t.test('the nightly recipe calls only a whole night a success, and its alarm tells', async t => {
  const recipe = chapters.find(({ title }) => title === 'Every night, by cron')?.blocks ?? []
  const alarm = recipe.find(({ language, title }) => language === 'sh' && !title)?.text ?? ''
  const image = '/image.jpg'
  const cases: [night: string, catalog: Asset | undefined, code: number][] = [
    ['a good one', { bytes: `{"products":[{"images":["ORIGIN${image}"]}]}` }, 0],
    ['no catalog', undefined, 22],
    ['an empty answer', { bytes: '' }, 1],
    ['no images', { bytes: '{"products":[]}' }, 1],
    ['half a catalog', { bytes: `{"products":[{"images":["ORIGIN${image}"` }, 3],
    ['an answer that is no catalog', { bytes: '{"error":"busy"}' }, 3],
    ['an image that is gone', { bytes: '{"products":[{"images":["ORIGIN/gone.jpg"]}]}' }, 1],
  ]
  for (const [night, catalog, expected] of cases) {
    const origin = await startOrigin()
    t.teardown(origin.close)
    origin.asset(image, { size: 1000 })
    if (catalog?.bytes !== undefined)
      origin.asset('/catalog', { bytes: String(catalog.bytes).replace('ORIGIN', origin.url) })
    const cwd = makeRoot(t)
    for (const { title, text } of recipe)
      if (title)
        writeFileSync(
          join(cwd, title),
          text.replaceAll('https://api.example.com', origin.url).replaceAll('/srv/shop', cwd),
        )
    const env = { PATH: `${commands}:${process.env['PATH']}`, REPOSITORY: repository }
    const { code, stderr } = await runShell(t, 'sh nightly.sh', { cwd, env })
    t.equal(code, expected, `${night}: ${stderr}`)
    t.equal(stderr === '', expected === 0, `${night}: cron mails what is wrong`)
    const { code: alarmed } = await runShell(t, alarm, { cwd, env })
    t.equal(alarmed === 0, expected === 0, `${night}: the alarm`)
  }
})

t.test('no block is of a kind that nothing proves', async t => {
  const proved = ['sh', 'text', 'crontab', 'ts', 'json', 'jsonl']
  // Pictures, and what is a file of the chapter's commands.
  const others = blocks.filter(
    ({ language, title }) => language !== '' && !title && !proved.includes(language),
  )
  t.strictSame(others, [])
})

t.test('the text says the name of every block that is a file', async t => {
  for (const { file, chapters, spans } of pages)
    for (const { title, place } of chapters.flatMap(chapter => chapter.blocks))
      if (title)
        t.ok(
          spans.some(({ code }) => code === title),
          `${place}: ${title} in the text of ${file}`,
        )
})

t.test('what is shown as JSON is JSON', async t => {
  for (const { language, place, text } of blocks) {
    if (language === 'json') t.doesNotThrow(() => JSON.parse(text), place)
    if (language !== 'jsonl') continue
    for (const line of text.trimEnd().split('\n')) t.doesNotThrow(() => JSON.parse(line), place)
  }
})

t.test('programs are typed as the library is', async t => {
  const programs = blocks.filter(({ language, title }) => language === 'ts' && !title)
  t.ok(programs.length > 0)
  t.strictSame(typeErrors(makeRoot(t), programs), [])
})

t.test('every link leads somewhere', async t => {
  const broken = pages.flatMap(({ file, links }) =>
    links
      .filter(({ target }) => !/^https?:/.test(target))
      .filter(({ target }) => {
        const [path = '', anchor] = target.split('#')
        const to = path === '' ? file : normalize(join(dirname(file), path))
        if (!existsSync(join(repository, to))) return true
        return anchor !== undefined && !pages.find(page => page.file === to)?.anchors.has(anchor)
      }),
  )
  t.strictSame(broken, [])
})

t.test('every flag that is spoken of exists', async t => {
  // Two pages speak of the flags of others: the contract quotes them, and so does the comparison, but for its first column.
  const ours = pages.filter(({ file }) => !/comparison|contract/.test(file))
  const spoken = [
    ...ours.flatMap(({ spans }) => spans),
    ...rowsOf('docs/comparison.md', 'equivalent-flags').map(([code = '']) => ({ code, place: 'comparison' })),
  ]
  const unknown = spoken.filter(({ code }) => {
    const [, flag = ''] = /^--(?:no-)?([a-z-]+)/.exec(code) ?? []
    return flag !== '' && !flags.has(flag) && !poolFlags.includes(flag)
  })
  t.strictSame(unknown, [])
})

t.test('what a page has from the code or from a file is as it is there', async t => {
  for (const { file } of pages) {
    const text = read(file)
    t.equal(withGenerated(text, read), text, `${file}; if not: npm run docs`)
  }
  t.match(read('README.md'), '<!-- begin options')
})

t.test('every number of a preset is in the decision table, and has a reason', async t => {
  const rows = rowsOf('README.md', 'presets').filter(([, option = '']) => option.startsWith('--'))
  t.strictSame(
    rows.map(([preset, option]) => `${preset} ${option}`),
    Object.entries(presets).flatMap(([preset, bundle]) =>
      Object.entries(bundle).map(([name, value]) => {
        const flag = flagOf(name, table[name as keyof typeof table])
        return `${preset} ${flag}${value === 'true' ? '' : ` ${value}`}`
      }),
    ),
  )
  for (const [preset, option, reason = ''] of rows) t.ok(reason.length > 20, `${preset} ${option}`)
})

t.test('the README names every field that an entry cannot have for itself', async t => {
  const [, said = ''] = /are reserved: (.*?)\./s.exec(read('README.md')) ?? []
  const ofEntries = rowsOf('README.md', 'manifests').flatMap(([cell = '']) => cell.split(', '))
  const fields = libraryTypes().fieldsOf('Outcome')
  t.strictSame(
    Array.from(said.matchAll(/`(\w+)`/g), ([, name]) => name).sort(),
    // Of a row alone that is none, there is a row.
    fields.filter(field => field !== 'row' && !ofEntries.includes(field)).sort(),
  )
})

t.test('fields, codes, exit statuses, doors and examples are all told of', async t => {
  const { fieldsOf, wordsOf } = libraryTypes()
  const ofOrigin = [
    ...Object.entries(table).flatMap(([name, row]) => ('ofOrigin' in row ? [name] : [])),
    ...Object.keys(originTable),
  ]
  const { exports } = JSON.parse(read('package.json')) as {
    exports: object
  }
  const subpaths = Object.keys(exports)
    .filter(path => !path.endsWith('.json'))
    .map(path => join('sluice', path))
  const examples = readdirSync(join(repository, 'fixtures/examples')).map(
    name => `[${name}](../fixtures/examples/${name})`,
  )
  // What an entry has besides what a manifest says.
  const learned = ['index', 'assetUrl', 'extra', 'local', 'found', 'conditional']
  const cases: [file: string, anchor: string, expected: readonly string[]][] = [
    ['README.md', 'exit-codes', [...exitStatuses.keys()].map(String)],
    ['README.md', 'manifests', fieldsOf('Entry').filter(field => !learned.includes(field))],
    ['README.md', 'unchanged', table.check.kind.expected.split(/, | or /)],
    ['docs/configuration.md', 'origins', ofOrigin],
    ['docs/library.md', 'what-can-be-given-besides', fieldsOf('NativeOptions')],
    ['docs/library.md', 'subpaths', subpaths],
    ['docs/library.md', 'all-examples', examples],
    ['docs/outcomes.md', 'fields', fieldsOf('Outcome')],
    ['docs/outcomes.md', 'summary', fieldsOf('Summary')],
    ['docs/errors.md', 'codes', wordsOf('Code')],
  ]
  for (const [file, anchor, expected] of cases)
    t.strictSame(firstCells(file, anchor).sort(), [...expected].sort(), `${file}#${anchor}`)
})
