import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openOracle } from '../../fixtures/faults/oracle.js'
import { type Origin, startOrigin } from '../../fixtures/origin.js'

/* What is wrong with manifests, and what must come of it: rows M1 to M23 of the fault matrix. */

const content = 'the content'

/** A manifest, in which % stands for the origin. */
type Case = {
  title: string
  input: string | Buffer | readonly (string | Buffer)[]
  args?: readonly string[]
  /** What the outcomes have, in the order of the rows. */
  outcomes: readonly object[]
  exit?: number
  /** What is said on stderr. */
  says?: RegExp
}

const stored = { status: 'stored' }
const failed = (code: string) => ({ status: 'failed', error: { code } })
const row = (more: object, url = '%/0') => `${JSON.stringify({ url, ...more })}\n`
const megabyte = 'x'.repeat(1_100_000)
const utf16 = (text: string, encoding: 'le' | 'be') => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return encoding === 'le' ? bytes : bytes.swap16()
}

const documents: Case[] = [
  {
    title: 'M1 a document that is cut off',
    input: '["%/0", "%/1"',
    outcomes: [stored, stored],
    exit: 3,
    says: /byte \d+/,
  },
  {
    title: 'M1 a document that is cut off within an entry',
    input: '["%/0", {"url": "%/',
    outcomes: [stored],
    exit: 3,
    says: /byte \d+/,
  },
  { title: 'M2 garbage after the end', input: '["%/0"] x', outcomes: [stored], exit: 3, says: /byte/ },
  { title: 'M2 a second document', input: '["%/0"]["%/1"]', outcomes: [stored], exit: 3, says: /byte/ },
  { title: 'M3 a BOM', input: '\ufeff["%/0"]', outcomes: [stored] },
  { title: 'M3 a BOM before lines', input: `\ufeff${row({})}`, outcomes: [stored] },
  {
    title: 'M4 bytes that are not UTF-8 in a document',
    input: [`["%/0", "%/`, Buffer.from([0xff, 0xfe]), '"]'],
    outcomes: [stored],
    exit: 3,
    says: /UTF-8/,
  },
  {
    title: 'M4 bytes that are not UTF-8 in a line',
    input: [`${row({})}{"url": "%/`, Buffer.from([0xff]), `"}\n${row({ path: 'b' })}`],
    outcomes: [stored, failed('ERR_ENTRY_INVALID'), stored],
    exit: 1,
  },
  {
    title: 'M4 half a surrogate pair in a path',
    input: '{"url": "%/0", "path": "\\ud800"}',
    outcomes: [failed('ERR_PATH_INVALID')],
  },
  {
    title: 'M5 a line of more than 1 MiB',
    input: `${row({})}${row({ more: megabyte })}${row({ path: 'b' })}`,
    outcomes: [stored, failed('ERR_ENTRY_INVALID'), stored],
  },
  {
    title: 'M5 an entry of more than 1 MiB in a document',
    input: `["%/0", {"url": "%/1", "more": "${megabyte}"}, "%/2"]`,
    outcomes: [stored],
    exit: 3,
    says: /1 MiB/,
  },
  { title: 'M5 a key of more than 1 MiB', input: `["%/0", {"${megabyte}": 1}]`, outcomes: [stored], exit: 3 },
  {
    title: 'M5 a number of more than 1 MiB',
    input: `["%/0", ${'1'.repeat(1_100_000)}]`,
    outcomes: [stored],
    exit: 3,
  },
  {
    title: 'M6 a nesting without end',
    input: `["%/0", ${'['.repeat(1_000_000)}`,
    outcomes: [stored],
    exit: 3,
    says: /64/,
  },
  {
    title: 'M6 a nesting of 65 in a line',
    input: `${row({})}{"url": "%/1", "x": ${'['.repeat(65)}${']'.repeat(65)}}\n${row({ path: 'b' })}`,
    outcomes: [stored, failed('ERR_ENTRY_INVALID'), stored],
  },
  { title: 'M15 an empty document', input: '[]', outcomes: [] },
  { title: 'M15 nothing', input: '', outcomes: [] },
  { title: 'M15 blank lines and comments', input: '\n  \n# nothing\r\n\n', outcomes: [] },
  {
    title: 'M16 an object over several lines',
    input: '{\n"entries": ["%/0"]}',
    outcomes: [],
    exit: 3,
    says: /--select/,
  },
  {
    title: 'M16 an object that is no entry',
    input: '{"entries": ["%/0"]}',
    outcomes: [failed('ERR_ENTRY_INVALID')],
  },
  { title: 'M16 a string', input: '"%/0"', outcomes: [stored] },
  { title: 'M16 a number', input: '5', outcomes: [failed('ERR_ENTRY_INVALID')] },
  {
    title: 'M16 what is selected is not there',
    input: '{"other": []}',
    args: ['--select', 'entries.*'],
    outcomes: [],
    exit: 3,
  },
  {
    title: 'M17 blank lines, CRLF, no final newline and a bad line',
    input: `\r\n${row({}).trim()}\r\n\r\n{"url": \r\n${row({ path: 'b' }).trim()}`,
    outcomes: [stored, failed('ERR_ENTRY_INVALID'), stored],
  },
  {
    title: 'M19 a producer that dies within a line',
    input: `${row({})}{"url": "%/1", "pa`,
    outcomes: [stored, failed('ERR_ENTRY_INVALID')],
  },
]

documents.push({
  title: 'M18 a list of URLs that begins with a bracket',
  input: '[::1]/a\n%/0\n',
  args: ['-f', 'urls'],
  outcomes: [failed('ERR_ENTRY_INVALID'), stored],
})

for (const encoding of ['le', 'be'] as const)
  documents.push({
    title: `M3 UTF-16 (${encoding})`,
    input: [utf16('["http://a.example/"]', encoding)],
    outcomes: [],
    exit: 3,
    says: /UTF-8/,
  })

const bad = (title: string, line: string, code = 'ERR_ENTRY_INVALID'): Case => ({
  title,
  input: `${line}\n`,
  outcomes: [failed(code)],
})

const entries: Case[] = [
  {
    title: 'M7 a key that comes twice: the last one counts',
    input: '{"url": "%/1", "path": "ka", "url": "%/0"}',
    outcomes: [{ ...stored, path: 'ka', url: /\/0$/ }],
  },
  {
    title: 'M7 names of prototypes are names',
    input: '{"url": "%/0", "__proto__": {"path": "x"}, "constructor": 1}',
    outcomes: [{ ...stored, constructor: 1, ['__proto__']: { path: 'x' } }],
  },
  {
    title: 'M7 a row that nothing can be made text of',
    input: `{"url": {"toString": 1, "toJSON": 1}, "path": {"toString": 1}}\n${row({ path: 'kb' })}`,
    outcomes: [failed('ERR_ENTRY_INVALID'), stored],
  },
  {
    title: 'M23 ids are given back as they are',
    input: `${row({ id: '__proto__' })}${row({ id: '__proto__', path: 'lb' })}`,
    outcomes: [{ id: '__proto__' }, { id: '__proto__' }],
  },
  ...[
    '{}',
    '{"url": null}',
    '{"url": 5}',
    '{"url": []}',
    '{"url": {}}',
    '{"url": ""}',
    '{"url": " "}',
    'null',
    '[]',
    'true',
    '5',
    '"a"',
  ].map(
    (line): Case => ({
      title: `M8 ${line} names no asset`,
      input: `${row({})}${line}\n`,
      outcomes: [stored, failed('ERR_ENTRY_INVALID')],
    }),
  ),
  ...['file:///etc/passwd', 'data:,a', 'ftp://127.0.0.1/', 'javascript:alert(1)', 'ws://127.0.0.1/'].map(
    url => bad(`M9 ${url}`, JSON.stringify({ url }), 'ERR_URL_SCHEME'),
  ),
  bad('M9 no scheme', JSON.stringify({ url: 'example.com/a' })),
  bad('M10 a port that no port can be', JSON.stringify({ url: 'http://127.0.0.1:65536/' })),
  bad('M10 port 0', JSON.stringify({ url: 'http://127.0.0.1:0/' }), 'ERR_NETWORK'),
  {
    title: 'M10 a fragment is not part of it',
    input: `${row({ path: 'ma' })}${row({ path: 'ma' }, '%/0#part')}`,
    outcomes: [stored, { status: 'skipped', reason: 'duplicate', of: 0 }],
  },
  {
    title: 'M10 a URL of 64 kB',
    input: row({ path: 'na' }, `%/${'x'.repeat(65_536)}`),
    outcomes: [failed('ERR_HTTP_STATUS')],
  },
  {
    title: 'M12 a destination with two URLs',
    input: `${row({ path: 'oa' })}${row({ path: 'oa' }, '%/1')}`,
    outcomes: [stored, { ...failed('ERR_PATH_TAKEN'), of: 0 }],
  },
  {
    title: 'M13 a URL with two destinations',
    input: `${row({ path: 'pa' })}${row({ path: 'pb' })}`,
    outcomes: [stored, stored],
  },
  {
    title: 'M14 ten thousand duplicates',
    input: row({ path: 'qa' }).repeat(10_000),
    outcomes: [stored, ...Array.from({ length: 9_999 }, () => ({ reason: 'duplicate', of: 0 }))],
  },
  ...[
    { size: '5' },
    { size: -1 },
    { size: 1.5 },
    { size: 2 ** 53 },
    { integrity: 'sha256-xyz' },
    { integrity: 'crc32-AAAA' },
    { integrity: 5 },
    { etag: 5 },
    { lastModified: {} },
    { headers: 'a: b' },
    { headers: { a: 5 } },
    { path: 5 },
  ].map(more => bad(`M22 ${JSON.stringify(more)}`, row(more).trim())),
  ...[
    { headers: { a: 'b\r\nc: d' } },
    { headers: { a: 'b\0' } },
    { headers: { 'a b': 'c' } },
    { headers: { a: 'ā' } },
  ].map(more => bad(`M22 ${JSON.stringify(more)} cannot be sent`, row(more).trim())),
]

const refusedPaths = [
  'a\0b',
  '..',
  '../x',
  'a/../../x',
  '.',
  'a/./b',
  '',
  '/etc/passwd',
  'C:\\x',
  'c:x',
  'a:b',
  '\\\\host\\x',
  'a//b',
  'a/',
  'a\\b',
  'a\nb',
  `${'x'.repeat(256)}`,
  `a/${'ä'.repeat(128)}`,
  '.sluice/tmp/x',
  '.sluice',
  `${'d/'.repeat(2100)}x`,
]
const oddPaths = [
  '~',
  '~root/x',
  '-rf',
  ' ',
  '...',
  'a b',
  '%2e%2e/x',
  'x'.repeat(255),
  'ä'.repeat(127),
  'CON',
  '\u202eabc',
  'a.tmp',
  'A/b/C',
]

const paths: Case[] = [
  ...refusedPaths.map(
    (path): Case => ({
      title: `M11 ${JSON.stringify(path.slice(0, 30))} is refused`,
      input: row({ path }),
      outcomes: [{ status: 'failed', error: { code: /^ERR_PATH_(INVALID|ESCAPE)$/ } }],
    }),
  ),
  ...oddPaths.map(
    (path): Case => ({
      title: `M11 ${JSON.stringify(path.slice(0, 30))} is a name like any other`,
      input: row({ path }),
      outcomes: [{ ...stored, path }],
    }),
  ),
]

const open = async (t: Test): Promise<Origin> => {
  const origin = await startOrigin({ asset: path => (path.length > 100 ? undefined : { bytes: content }) })
  t.teardown(origin.close)
  return origin
}

const args = ['--check', 'none', '--retries', '0', '--path', '{index}']

const bytesOf = (input: Case['input'], origin: Origin): Buffer => {
  const parts = (Array.isArray(input) ? input : [input]) as (string | Buffer)[]
  return Buffer.concat(
    parts.map(part => Buffer.from(typeof part === 'string' ? part.replaceAll('%/', `${origin.url}/`) : part)),
  )
}

t.test('documents as a whole', { timeout: 240_000 }, async t => {
  const origin = await open(t)
  for (const { title, input, args: more = [], outcomes, exit, says } of documents)
    await t.test(title, async t => {
      const oracle = openOracle(t)
      const observed = await oracle.run(['-o', oracle.out, ...args, ...more], {
        rows: outcomes.length,
        ...(exit !== undefined && { exit }),
        meanwhile: child => void child.stdin.end(bytesOf(input, origin)),
      })
      t.match(
        observed.outcomes.toSorted((a, b) => a.index - b.index),
        outcomes,
      )
      if (says) t.match(observed.stderr, says)
      for (const file of Object.values(oracle.stored())) t.equal(file, content)
    })
})

t.test('entries that stand together in one manifest', { timeout: 240_000 }, async t => {
  const origin = await open(t)
  const oracle = openOracle(t)
  const cases = [...entries, ...paths]
  const observed = await oracle.run(['-o', oracle.out, ...args], {
    rows: cases.flatMap(({ outcomes }) => outcomes).length,
    input: cases.map(({ input }) => `${bytesOf(input, origin).toString().trimEnd()}\n`).join(''),
  })
  const found = observed.outcomes.toSorted((a, b) => a.index - b.index)
  for (const { title, outcomes } of cases) {
    const own = found.splice(0, outcomes.length)
    const first = own[0]?.index ?? 0
    // What came first is told by its place in the whole manifest.
    t.match(
      own,
      outcomes.map(each => ('of' in each ? { ...each, of: first } : each)),
      title,
    )
  }
  for (const file of Object.values(oracle.stored())) t.equal(file, content)
})

t.test('M19 a directory is no manifest', async t => {
  const oracle = openOracle(t)
  const folder = join(t.testdirName, 'folder')
  mkdirSync(folder)
  const { stderr } = await oracle.run(['-o', oracle.out, folder], { rows: 0, exit: 2, input: '' })
  t.match(stderr, /directory/)
})

t.test('M19 a producer that is slow is waited for, and its first asset fetched meanwhile', async t => {
  const origin = await open(t)
  const oracle = openOracle(t)
  await oracle.run(['-o', oracle.out, ...args], {
    rows: 2,
    async meanwhile(child) {
      child.stdin.write(`${origin.url}/0\n`)
      await once(child.stdout, 'readable')
      child.stdin.end(`${origin.url}/1\n`)
    },
  })
})
