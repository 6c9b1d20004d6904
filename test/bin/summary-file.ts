import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSummaryFile } from '../../bin/summary-file.js'
import type { Summary } from '../../lib/index.js'

const summary: Summary = {
  entries: 2,
  stored: 1,
  skipped: { duplicate: 1 },
  failed: {},
  bytesStored: 2048,
  bytesReceived: 3072,
  bytesSaved: 0,
  ms: 412,
  meanRate: 7456,
  cap: null,
  worstSecond: 3072,
  capBreached: false,
  peakMemory: 1e8,
  exitCode: 0,
}

t.test('the summary is written as JSON, with null where there is nothing to say', async t => {
  const dir = t.testdir({ 's.json': 'of the last run, and longer than this one'.repeat(100) })
  const file = join(dir, 's.json')
  t.equal(openSummaryFile(file, { out: join(dir, 'out') }).write(summary), undefined)
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')), { ...summary, resumeAt: null })
  t.notOk(existsSync(join(dir, 'out')))
})

t.test('the summary of the last run stays until there is another', async t => {
  const file = join(t.testdir({ 's.json': 'old' }), 's.json')
  const opened = openSummaryFile(file)
  t.equal(readFileSync(file, 'utf8'), 'old')
  opened.write(summary)
  t.match(JSON.parse(readFileSync(file, 'utf8')), { entries: 2 })
})

t.test('what the run itself reads or writes is refused, by whatever name, and left as it is', async t => {
  const dir = t.testdir({ manifest: 'x', link: t.fixture('symlink', 'manifest') })
  const file = join(dir, 'manifest')
  const fd = openSync(file, 'r')
  for (const inUse of [[file], [fd], [join(dir, 'missing'), join(dir, 'link')]])
    t.throws(() => openSummaryFile(file, { inUse }), {
      code: 'ERR_OPTION',
      message: `--summary: expected a file of its own, got ${JSON.stringify(file)}, which the run reads or writes`,
    })
  closeSync(fd)
  t.equal(readFileSync(file, 'utf8'), 'x')
  const out = join(dir, 'out')
  t.throws(() => openSummaryFile(out, { out }), { code: 'ERR_OPTION', message: /the directory of --out$/ })
  t.notOk(existsSync(out))
  t.doesNotThrow(
    () => openSummaryFile('/dev/null', { inUse: ['/dev/null'] }),
    'a device holds nothing to lose',
  )
})

t.test('a moment to go on is in the summary', async t => {
  const file = join(t.testdir(), 's.json')
  const resumeAt = '2030-01-01T00:00:00.000Z'
  openSummaryFile(file, { out: 'out' }).write({ ...summary, resumeAt })
  t.match(JSON.parse(readFileSync(file, 'utf8')), { resumeAt })
})

t.test('a directory that no run will create is not created for the summary', async t => {
  const out = join(t.testdir(), 'out')
  t.throws(() => openSummaryFile(join(out, 's.json')), { code: 'ERR_OPTION' })
  t.notOk(existsSync(out))
})

t.test('the summary may lie in the directory that the run is about to create', async t => {
  const out = join(t.testdir(), 'a/out')
  openSummaryFile(join(out, 's.json'), { out }).write(summary)
  t.ok(existsSync(join(out, 's.json')))
})

t.test('a file that cannot be written is refused before anything happens', async t => {
  const dir = t.testdir({ file: '' })
  for (const [file, code] of [
    [join(dir, 'missing/s.json'), 'ENOENT'],
    [join(dir, 'file/s.json'), 'ENOTDIR'],
    [dir, 'EISDIR'],
  ] as const)
    t.throws(() => openSummaryFile(file, { out: join(dir, 'out') }), {
      code: 'ERR_OPTION',
      message: `--summary: expected a file that can be written, got ${JSON.stringify(file)} (${code})`,
    })
})

t.test('a disk that is full when the summary is written is said, not thrown', async t => {
  t.match(openSummaryFile('/dev/full', { out: 'out' }).write(summary), {
    code: 'ERR_DESTINATION',
    message: /^--summary: ENOSPC/,
  })
})
