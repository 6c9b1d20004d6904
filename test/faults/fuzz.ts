import { Readable } from 'node:stream'
import t from 'tap'
import { isControl } from '../../fixtures/faults/controls.js'
import { randomFrom } from '../../fixtures/faults/random.js'
import { startRawServer } from '../../fixtures/raw-server.js'
import { checkEnded, runToEnd, takeAll } from '../../fixtures/run.js'
import { storedPaths } from '../../fixtures/tree.js'
import { toLine } from '../../lib/outcome.js'
import { plan } from '../../lib/run/plan.js'

/*
 * Manifests and answers whose bytes were changed at random, the same in every run of a seed. `FUZZ=1000000 npx tap test/faults/fuzz.ts`
 * takes that many rows; `SEED=7` another sequence. What once failed here becomes a case of the matrix.
 */

const rows = Number(process.env['FUZZ'] ?? 30_000)
const seed = Number(process.env['SEED'] ?? 1)

/** What mutations put in: what parsers trip over. */
const spices = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '\n',
  '\r\n',
  '\0',
  '\u001b[31m',
  '..',
  '/',
  '//',
  '%2e%2e',
  '%00',
  '%',
  '\\u0000',
  '\\ud800',
  '\u202e',
  '\ufeff',
  '😀',
  'é',
  'null',
  '1e999',
  '-0',
  '9007199254740993',
  '__proto__',
  '"url"',
  '"path"',
  'http://',
  'file:',
  '@',
  '#',
  '?',
  ' ',
  '\t',
  '~',
  'CON',
  'x'.repeat(300),
].map(each => Buffer.from(each))

/** `bytes` with some of them changed, left out, put in or doubled. */
const mutated = (bytes: Buffer, random: () => number): Buffer => {
  let changed = bytes
  for (let times = Math.floor(random() * 4); times >= 0; times--) {
    const at = Math.floor(random() * (changed.length + 1))
    const until = Math.min(changed.length, at + Math.floor(random() * 8))
    const way = Math.floor(random() * 5)
    const middle =
      way === 0
        ? Buffer.from([Math.floor(random() * 256)])
        : way === 1
          ? Buffer.alloc(0)
          : way === 2
            ? Buffer.concat([changed.subarray(at, until), changed.subarray(at, until)])
            : (spices[Math.floor(random() * spices.length)] ?? Buffer.alloc(0))
    changed = Buffer.concat([changed.subarray(0, at), middle, changed.subarray(way === 4 ? at : until)])
  }
  return changed
}

const rowOf = (n: number): Buffer =>
  Buffer.from(
    `${JSON.stringify({ url: `http://cdn.example/${n}/a.jpg?x=${n}`, path: `a/${n % 97}/${n}.jpg`, size: n, etag: `"${n}"`, integrity: 'md5-1B2M2Y8AsgTpgAmY7PhCfg==', headers: { 'x-a': 'b' }, sku: n })}`,
  )

t.test(
  `of ${rows} rows with changed bytes each has one outcome, and none leads out of the root`,
  { timeout: 3_600_000 },
  async t => {
    const random = randomFrom(seed)
    let lines = 0
    const mutatedRows = function* () {
      for (let n = 0; n < rows; n++) {
        const bytes = random() < 0.1 ? rowOf(n) : mutated(rowOf(n), random)
        // A changed row may be several lines, of which blank ones are none.
        lines += bytes
          .toString('latin1')
          .split('\n')
          .filter(line => !/^[ \t\r]*$/.test(line)).length
        yield Buffer.concat([bytes, Buffer.from('\n')])
      }
    }
    const memoryBefore = process.memoryUsage().rss
    const run = plan(Readable.from(mutatedRows(), { objectMode: false }), {
      out: `${t.testdir()}/out`,
      format: 'ndjson',
    })
    let outcomes = 0
    const wrong: string[] = []
    const seen = new Set<number>()
    for await (const outcome of run) {
      outcomes++
      if (seen.has(outcome.index)) wrong.push(`${outcome.index} came twice`)
      seen.add(outcome.index)
      const line = toLine(outcome)
      if (isControl(line.trimEnd())) wrong.push(`control bytes: ${JSON.stringify(line)}`)
      if (outcome.status !== 'planned') continue
      const { path = '' } = outcome
      const parts = path.split('/')
      if (
        parts.some(part => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > 255) ||
        parts[0] === '.sluice' ||
        /\p{Cc}/u.test(path)
      )
        wrong.push(path)
    }
    t.strictSame(wrong.slice(0, 10), [])
    t.equal(outcomes, lines)
    t.equal(seen.size, outcomes)
    t.equal(run.summary?.entries, outcomes)
    t.ok(process.memoryUsage().rss - memoryBefore < 300 * 2 ** 20, 'memory is flat')
  },
)

t.test('documents with changed bytes end in good order', { timeout: 600_000 }, async t => {
  const random = randomFrom(seed + 1)
  for (let n = 0; n < Math.max(200, rows / 500); n++) {
    const document = Buffer.from(
      `[${[0, 1, 2].map(each => rowOf(each)).join(',\n')}, "http://cdn.example/x"]`,
    )
    const bytes = mutated(document, random)
    const ended = await takeAll(
      plan(Readable.from([bytes], { objectMode: false }), { out: `${t.testdirName}/none`, format: 'json' }),
    )
    const isFine = ended.error === undefined || ended.error.code === 'ERR_MANIFEST'
    if (!isFine || ended.outcomes.length > 20) t.fail(`${ended.error?.code} for ${bytes.toString('base64')}`)
  }
  t.pass('each ended with outcomes, or with ERR_MANIFEST')
})

t.test(
  'answers with changed bytes end in an outcome, and nothing half is stored',
  { timeout: 600_000 },
  async t => {
    const random = randomFrom(seed + 2)
    const body = 'the body of an asset'
    const answers = [
      `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nETag: "v"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Type: image/jpeg\r\n\r\n${body}`,
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n${body}\r\n0\r\n\r\n`,
      `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-19/20\r\nContent-Length: 20\r\nETag: "v"\r\n\r\n${body}`,
      'HTTP/1.1 503 Later\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n',
    ].map(each => Buffer.from(each))
    const server = await startRawServer(t, {
      answer: socket =>
        socket.end(mutated(answers[Math.floor(random() * answers.length)] ?? Buffer.alloc(0), random)),
    })
    const count = Math.max(300, Math.round(rows / 100))
    const out = `${t.testdir()}/answers`
    const entries = Array.from({ length: count }, (_, n) => ({
      url: `${server.url}/${n}`,
      path: `${n}`,
      size: body.length,
    }))
    const ended = await runToEnd(t, entries, {
      out,
      retries: 1,
      retryBase: 1,
      timeout: 300,
      stallTimeout: 300,
      retryAfterMax: 1,
      concurrency: 30,
      perOrigin: 30,
    })
    checkEnded(t, out, ended)
    t.equal(ended.error, undefined)
    t.equal(ended.outcomes.length, count)
    const stored = ended.outcomes.filter(({ status }) => status === 'stored')
    const told = new Set(stored.map(({ path }) => path))
    const found = new Set<string | undefined>(storedPaths(out))
    t.strictSame(
      ended.outcomes.filter(({ path }) => told.has(path) !== found.has(path)),
      [],
      `${stored.length} were stored, as it was told`,
    )
    for (const outcome of stored) t.match(outcome, { bytes: body.length })
  },
)
