import { spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, createWriteStream, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import t from 'tap'
import { readCommandLine } from '../../bin/command-line.js'
import { run as runHere } from '../../bin/run.js'
import { catalog } from '../../fixtures/catalog.js'
import { type Ended, ended, linesOf, run, runShell, start } from '../../fixtures/command.js'
import { container } from '../../fixtures/container.js'
import { type Origin, startOrigin } from '../../fixtures/origin.js'
import { unproved } from '../../fixtures/unproved.js'
import type { Outcome, Summary } from '../../lib/index.js'

const originOf = async (t: Test): Promise<Origin> => {
  const origin = await startOrigin()
  t.teardown(() => origin.close())
  return origin
}

const outcomesOf = ({ stdout }: Ended): Outcome[] => linesOf<Outcome>(stdout)

/** Files that a run left where only what is under way may be. */
const leftIn = (out: string): string[] => {
  const tmp = join(out, '.sluice/tmp')
  return existsSync(tmp) ? readdirSync(tmp) : []
}

/** Asks a process to end and says how many milliseconds it took. */
const interrupt = async (child: ReturnType<typeof start>, signal: NodeJS.Signals, all: Promise<Ended>) => {
  const since = performance.now()
  child.kill(signal)
  const end = await all
  return { ...end, ms: performance.now() - since }
}

t.test('the exit status says how it went', async t => {
  const origin = await originOf(t)
  const good = origin.asset('/good.jpg', { size: 100 })
  const missing = `${origin.url}/missing.jpg`
  const cases: [why: string, input: string, code: number, args?: string[]][] = [
    ['an empty manifest', '', 0],
    ['all stored', `${good}\n`, 0],
    ['a duplicate is skipped', `${good}\n${good}\n`, 0],
    ['some failed', `${good}\n${missing}\n`, 1],
    ['a row is no entry', 'x\n', 1],
    ['the manifest is broken', `["${good}",`, 3],
    ['the manifest is broken and some failed', `["${missing}","x",]`, 3],
    ['more failed than may', `${missing}\nx\n`, 5, ['--max-failures', '0']],
  ]
  for (const [why, input, code, args = []] of cases) {
    const dir = t.testdir()
    const end = await run(t, ['-o', 'out', '--summary', 's.json', ...args], { input, cwd: dir })
    t.equal(end.code, code, `${why}: ${end.stderr}`)
    const summary = JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')) as Summary
    t.equal(summary.exitCode, code, why)
    t.equal(summary.entries, outcomesOf(end).length, why)
    t.strictSame(leftIn(join(dir, 'out')), [])
  }
})

t.test('a broken manifest is one line with the byte at which it breaks, exit 3', async t => {
  const origin = await originOf(t)
  const url = origin.asset('/a', { size: 10 })
  const entry = JSON.stringify(url)
  const inner = ['--select', 'products.*.image']
  const cases: [why: string, input: string, stored: number, message: RegExp, args?: string[]][] = [
    ['it ends early', `[${entry},`, 1, new RegExp(`at byte ${entry.length + 2} `)],
    ['something follows', `[${entry}]x`, 1, new RegExp(`at byte ${entry.length + 2} `)],
    ['not UTF-8', `[${entry},"\xff"]`, 1, new RegExp(`at byte ${entry.length + 3} `)],
    ['too deep', `[${entry},${'['.repeat(70)}`, 1, new RegExp(`at byte ${entry.length + 2 + 63} `)],
    ['too large', `[${entry},"${'x'.repeat(2 ** 20 + 1)}"]`, 1, /over 1 MiB.*at byte \d+ /],
    ['one document', '{\n  "products": []\n}', 0, /--select.*at byte 0 /],
    ['nothing where --select looks', '{"product":[]}', 0, /matches --select.*at byte 14 /, inner],
    ['a value on the way', `{"products":[{"image":${entry}},7]}`, 1, /--select goes on.*at byte \d+ /, inner],
  ]
  for (const [why, input, stored, message, args = []] of cases) {
    const end = await run(t, ['-o', 'out', ...args], {
      input: Readable.from([Buffer.from(input, 'latin1')]),
      cwd: t.testdir(),
    })
    t.equal(end.code, 3, `${why}: ${end.stderr}`)
    t.equal(outcomesOf(end).length, stored, why)
    t.match(
      linesOf(end.stderr),
      [
        { level: 'error', code: 'ERR_MANIFEST', msg: message },
        { msg: 'summary', exitCode: 3 },
      ],
      why,
    )
  }
})

t.test('a plan tells what a sync would do and creates nothing', async t => {
  const origin = await originOf(t)
  const rows = [
    { url: origin.asset('/a', { size: 100 }), path: 'a', size: 100 },
    { url: origin.asset('/b', { size: 100 }), path: 'b' },
    { url: `${origin.url}/c`, path: '../c' },
  ]
  const input = rows.map(row => `${JSON.stringify(row)}\n`).join('')
  const dir = t.testdir()
  const args = ['-o', 'out', '--bwlimit', '8mbit', '--summary', 's.json']
  const end = await run(t, ['plan', ...args], { input, cwd: dir })
  t.match(
    outcomesOf(end).sort((a, b) => a.index - b.index),
    [
      { status: 'planned', path: 'a', bytes: 100 },
      { status: 'planned', path: 'b', bytes: undefined },
      { status: 'failed' },
    ],
  )
  t.equal(end.code, 1, end.stderr)
  const planned = { assets: 2, bytes: 100, unknownSize: 1 }
  const summary = { entries: 3, stored: 0, planned, plannedMs: 0, exitCode: 1 }
  t.match(JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')), summary)
  t.match(linesOf(end.stderr), [{ msg: 'summary', ...summary }])
  t.strictSame(readdirSync(dir), ['s.json'])
  t.equal(origin.requests.length, 0)
})

t.test('a plan made while a sync has the directory ends with 4, and the sync goes on', async t => {
  const origin = await originOf(t)
  const input = `${origin.asset('/a', { size: 100 })}\n`
  const cwd = t.testdir()
  const holder = start(t, ['-o', 'out'], { cwd })
  const all = ended(holder)
  holder.stdin.write(input)
  await once(holder.stdout, 'data')
  const refused = await run(t, ['plan', '-o', 'out'], { input, cwd })
  t.match(refused, { code: 4, stdout: '', stderr: /another sluice run is using out/ })
  t.equal((await run(t, ['-o', 'out'], { input, cwd })).code, 4, 'the sync still has it')
  holder.stdin.end()
  t.equal((await all).code, 0)
  const plan = await run(t, ['plan', '-o', 'out'], { input, cwd })
  t.match(outcomesOf(plan), [{ status: 'skipped', reason: 'unchanged', by: 'etag' }])
  t.equal(plan.code, 0)
})

t.test('a run that is refused lets go of its manifest', async t => {
  const dir = t.testdir()
  const fifo = join(dir, 'fifo')
  spawnSync('mkfifo', [fifo])
  const held = openSync(fifo, 'r+')
  t.teardown(() => closeSync(held))
  const standIn = Object.assign(new EventEmitter(), {
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
  })
  const pipes = () => process.getActiveResourcesInfo().filter(name => name === 'PipeWrap').length
  const before = pipes()
  for (const args of [
    ['--bwlimit', 'bad'],
    ['--summary', dir],
  ]) {
    const line = readCommandLine(['-o', join(dir, 'out'), ...args, fifo], {})
    await t.rejects(
      runHere(line, standIn as unknown as NodeJS.Process),
      { code: 'ERR_OPTION' },
      args.join(' '),
    )
    // A handle is gone a few turns after it was closed.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    t.equal(pipes(), before)
  }
})

t.test('a destination that cannot be used ends the run with 4, whatever failed besides', async t => {
  const dir = t.testdir({ file: '' })
  for (const input of ['x\n', '["x"', '']) {
    const end = await run(t, ['-o', 'file/out', '--summary', 's.json'], { input, cwd: dir })
    t.equal(end.code, 4, end.stderr)
    const faults = linesOf(end.stderr).filter(({ level }) => level === 'error')
    t.match(faults, [{ code: 'ERR_DESTINATION' }])
    t.match(JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')), {
      exitCode: 4,
      entries: outcomesOf(end).length,
    })
  }
})

t.test('the summary has every field, on stderr and in the file', async t => {
  const origin = await originOf(t)
  const dir = t.testdir()
  const args = ['-o', 'out', '--summary', 's.json', '--bwlimit', '80mbit', '--retry-after-max', '1s']
  const held = origin.script('/held', { status: 429, headers: { 'retry-after': '3600' } })
  const input = `${origin.asset('/a', { size: 5000 })}\nx\n${held}\n`
  const end = await run(t, args, { input, cwd: dir })
  const summary = JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')) as Summary
  t.match(summary, {
    entries: 3,
    stored: 1,
    skipped: {},
    failed: { ERR_ENTRY_INVALID: 1, ERR_RETRY_AFTER: 1 },
    bytesStored: 5000,
    bytesReceived: Number,
    bytesSaved: 0,
    ms: Number,
    meanRate: Number,
    cap: 10e6,
    worstSecond: Number,
    capBreached: false,
    peakMemory: Number,
    exitCode: 1,
    resumeAt: /^\d{4}-.*Z$/,
  })
  const [said] = linesOf(end.stderr).filter(({ msg }) => msg === 'summary')
  const { level, time, msg, ...facts } = said ?? {}
  t.strictSame(facts, summary, 'both are the same')
})

t.test('stdout holds outcomes and nothing else, and stderr JSON', async t => {
  const origin = await originOf(t)
  const input = `${origin.asset('/a', { size: 10 })}\n\x1b[2J\n${origin.url}/\u202e\u0085\n`
  for (const args of [[], ['-v'], ['--log-level', 'trace'], ['--progress'], ['-q', '--no-progress']]) {
    const end = await run(t, ['-o', 'out', ...args], { input, cwd: t.testdir() })
    t.strictSame(
      outcomesOf(end)
        .map(({ index }) => index)
        .sort(),
      [0, 1, 2],
      args.join(' '),
    )
    t.ok(outcomesOf(end).every(({ status }) => /^(stored|skipped|failed)$/.test(status)))
    t.notMatch(end.stdout.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u)
    if (!args.includes('--progress')) {
      t.notMatch(end.stderr.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u)
      linesOf(end.stderr)
    }
    if (args.includes('-q')) t.equal(end.stderr, '')
    if (args.length === 0)
      t.strictSame(
        linesOf(end.stderr).map(({ msg }) => msg),
        ['summary'],
      )
  }
})

t.test('the first outcome is there while the manifest still comes', async t => {
  const origin = await originOf(t)
  const child = start(t, ['-o', 'out'], { cwd: t.testdir() })
  const all = ended(child)
  child.stdin.write(`${origin.asset('/a', { size: 10 })}\n`)
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  t.match(JSON.parse(String(chunk)), { index: 0, status: 'stored' })
  child.stdin.end()
  t.equal((await all).code, 0)
})

t.test('nothing that is secret leaves but by the outcome of its own entry', async t => {
  const origin = await originOf(t)
  const host = new URL(origin.url).host
  for (const path of ['/a.jpg', '/b.jpg']) origin.asset(path, { size: 10 })
  origin.script('/away.jpg', {
    status: 302,
    headers: { location: `http://user3:pass3@${host}/gone?token=t3` },
  })
  const urls = [
    `http://user1:pass1@${host}/a.jpg?token=t1`,
    `http://user1:pass1@${host}/missing.jpg?token=t1`,
    `http://user1:pass1@${host}/away.jpg?token=t1`,
    `http://user1:pass1@127.0.0.1:1/refused?token=t1`,
    `//user1:pass1@${host}/?token=t1`,
    `http:/user1:pass1@${host}/?token=t1`,
    `ftp://user1:pass1@${host}/?token=t1`,
  ]
  const rows = [
    ...urls.map(url => ({ url })),
    { url: `${origin.url}/b.jpg`, headers: { 'X-Own': 'header1' } },
    { url: `${origin.url}/b.jpg`, headers: { 'X-Own': 'header1\n' } },
  ]
  const input = rows.map(row => JSON.stringify(row)).join('\n')
  const secret = /user\d|pass\d|t1|t3|header\d/
  for (const args of [[], ['--log-level', 'trace']]) {
    const dir = t.testdir()
    const flags = ['-H', 'Authorization: Bearer header2', '--retries', '0', '--check', 'none']
    const end = await run(t, ['-o', 'out', ...flags, ...args], { input, cwd: dir })
    t.equal(outcomesOf(end).length, rows.length)
    t.notMatch(end.stderr, secret)
    t.notMatch(end.stdout, 'header2')
    const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    for (const file of files) {
      t.notMatch(file.name, secret)
      if (file.isFile())
        t.notMatch(readFileSync(join(file.parentPath, file.name), 'latin1'), /pass\d|token=|header\d/)
    }
  }
})

t.test('a reader who has seen enough ends the run quietly', async t => {
  const origin = await originOf(t)
  const dir = t.testdir()
  const urls = Array.from({ length: 300 }, (_, n) => origin.asset(`/${n}.jpg`, { size: 20_000 }))
  const line = '($SLUICE -o out --summary s.json; echo $? >&2) < urls | head -1; true'
  const end = await runShell(t, `cat > urls <<'E'\n${urls.join('\n')}\nE\n${line}`, { cwd: dir })
  t.match(outcomesOf(end), [{ status: 'stored' }])
  t.equal(end.stderr, '141\n')
  t.match(JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')), { exitCode: 141 })
  t.strictSame(leftIn(join(dir, 'out')), [])
  t.ok(origin.requests.length < urls.length, `${origin.requests.length} requests`)
})

t.test('a reader who has seen enough does not wait for what is under way', async t => {
  const origin = await originOf(t)
  origin.asset('/stalled', { size: 1000 })
  const stalled = origin.script('/stalled', { after: 10, end: 'stall' })
  const line = `(echo ${stalled}; exec yes x) | ($SLUICE -o out; echo $? >&2) | head -1`
  const since = performance.now()
  const { stderr } = await runShell(t, line, { cwd: t.testdir() })
  t.equal(stderr, '141\n')
  const ms = performance.now() - since
  t.ok(ms < 4_500, `${Math.round(ms)} ms`)
})

t.test('a reader who is gone before the last outcome counts as well', async t => {
  const dir = t.testdir({ rows: 'x\n' })
  const gone = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      callback(chunk.length > 0 ? null : Object.assign(new Error('gone'), { code: 'EPIPE' }))
    },
  })
  const process = Object.assign(new EventEmitter(), { stdout: gone, stderr: new PassThrough(), env: {} })
  const line = readCommandLine(
    ['-q', '-o', join(dir, 'out'), '--summary', join(dir, 's.json'), join(dir, 'rows')],
    {},
  )
  t.equal(await runHere(line, process as unknown as NodeJS.Process), 141)
  t.match(JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')), { entries: 1, exitCode: 141 })
})

t.test('a stdout on a full disk ends the run, is said in one line, exit 4', async t => {
  const dir = t.testdir()
  const end = await runShell(t, 'yes x | $SLUICE -o out --summary s.json > /dev/full', {
    cwd: dir,
  })
  t.equal(end.code, 4)
  const faults = linesOf(end.stderr).filter(({ level }) => level === 'error')
  t.match(faults, [{ code: 'ERR_DESTINATION', msg: /^stdout: ENOSPC/ }])
  t.match(JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')), { exitCode: 4 })
})

t.test('a summary that cannot be written at the end is said in one line, exit 4', async t => {
  const end = await run(t, ['-o', 'out', '--summary', '/dev/full'], { input: 'x\n', cwd: t.testdir() })
  t.equal(end.code, 4)
  t.match(
    linesOf(end.stderr).filter(({ level }) => level === 'error'),
    [{ code: 'ERR_DESTINATION', msg: /^--summary: ENOSPC/ }],
  )
})

/** Loaded before sluice: notes in a file what becomes of assets and their outcomes, in the order in which it is done. */
const noteSteps = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const { fsync, renameSync } = fs
  const note = step => fs.appendFileSync('steps', step + '\\n')
  fs.fsync = (fd, done) => fsync(fd, error => {
    note(fs.fstatSync(fd).isDirectory() ? 'its directory is flushed' : 'the file is flushed')
    done(error)
  })
  fs.renameSync = (...names) => {
    renameSync(...names)
    note('the file has its name')
  }
  syncBuiltinESMExports()
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (...line) => {
    if (line[0].length > 0) note('it is said to be stored')
    return write(...line)
  }
`)}`

t.test('with --durable an asset is told of once it and its directory are on the disk', async t => {
  const origin = await originOf(t)
  const input = `${origin.asset('/a', { size: 100 })}\n`
  for (const [args, steps] of [
    [['--durable'], ['the file is flushed', 'the file has its name', 'its directory is flushed']],
    [[], ['the file has its name']],
  ] as const) {
    const cwd = t.testdir()
    const end = await run(t, ['-o', 'out', ...args], { input, cwd, node: ['--import', noteSteps] })
    t.equal(end.code, 0, end.stderr)
    const noted = readFileSync(join(cwd, 'steps'), 'utf8').trim().split('\n')
    t.strictSame(noted.slice(-steps.length - 1), [...steps, 'it is said to be stored'])
    t.equal(
      noted.some(step => step.includes('flushed')),
      args.length > 0,
    )
  }
})

/** An asset that takes a moment, and when it is asked for. */
const slowAsset = (origin: Origin): { slow: string; underWay: Promise<void> } => {
  let asked = () => {}
  const underWay = new Promise<void>(resolve => {
    asked = resolve
  })
  origin.asset('/slow', { size: 100 })
  const slow = origin.script('/slow', () => {
    asked()
    return { latencyMs: 300 }
  })
  return { slow, underWay }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  t.test(`${signal} lets what is under way finish, and the exit status is ${code}`, async t => {
    const origin = await originOf(t)
    const dir = t.testdir()
    const { slow, underWay } = slowAsset(origin)
    const child = start(t, ['-o', 'out', '--summary', 's.json'], { cwd: dir })
    const all = ended(child)
    child.stdin.write(`x\n${slow}\n`)
    await underWay
    const end = await interrupt(child, signal, all)
    t.equal(end.code, code, end.stderr)
    t.match(outcomesOf(end), [
      { index: 0, status: 'failed' },
      { index: 1, status: 'stored' },
    ])
    t.ok(end.ms < 4_500, `${Math.round(end.ms)} ms`)
    t.match(linesOf(end.stderr), [
      { level: 'info', msg: 'stopping: up to 5 s for what is under way; once more to stop now' },
      { msg: `interrupted by ${signal}` },
      { msg: 'summary', exitCode: code },
    ])
    t.match(JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')), { exitCode: code, entries: 2 })
    t.strictSame(leftIn(join(dir, 'out')), [])
  })

t.test('a reader of stdout who has fallen asleep does not hold the end', async t => {
  const dir = t.testdir({ rows: 'x\n'.repeat(20_000) })
  const child = start(t, ['-o', 'out', '--summary', 's.json', 'rows'], { cwd: dir })
  const said = text(child.stderr)
  await once(child.stdout, 'readable')
  await setTimeout(200)
  child.kill('SIGTERM')
  t.strictSame(await once(child, 'exit'), [143, null])
  t.match(linesOf(await said), [
    { msg: /^stopping/ },
    { level: 'warn', msg: 'stdout is not read: the rest is lost' },
    { msg: 'interrupted by SIGTERM' },
    { msg: 'summary', exitCode: 143 },
  ])
  t.match(JSON.parse(readFileSync(join(dir, 's.json'), 'utf8')), { exitCode: 143 })
})

t.test(
  'whoever presses Ctrl-C sees the summary, also where the reader of stdout is gone by then',
  async t => {
    const origin = await originOf(t)
    const { slow, underWay } = slowAsset(origin)
    const child = start(t, ['-o', 'out'], { cwd: t.testdir() })
    const said = text(child.stderr)
    child.stdin.write(`${slow}\n`)
    await underWay
    child.stdout.destroy()
    child.kill('SIGINT')
    t.strictSame(await once(child, 'exit'), [130, null])
    t.match(linesOf(await said).at(-1), { msg: 'summary', exitCode: 130 })
  },
)

/** A run with one entry under way that will never end by itself. */
const stalledRun = async (t: Test) => {
  const origin = await originOf(t)
  const dir = t.testdir()
  let asked = () => {}
  const underWay = new Promise<void>(resolve => {
    asked = resolve
  })
  origin.asset('/stalled', { size: 1000 })
  const url = origin.script('/stalled', () => {
    asked()
    return { after: 10, end: 'stall' }
  })
  const child = start(t, ['-o', 'out'], { cwd: dir })
  const all = ended(child)
  child.stdin.write(`${url}\n`)
  await underWay
  return { child, all, dir }
}

t.test('what does not finish within the grace is aborted', async t => {
  const { child, all, dir } = await stalledRun(t)
  const end = await interrupt(child, 'SIGINT', all)
  t.equal(end.code, 130)
  t.match(outcomesOf(end), [{ index: 0, status: 'failed', error: { code: 'ERR_ABORTED' } }])
  t.ok(end.ms < 8_000, `${Math.round(end.ms)} ms`)
  t.strictSame(leftIn(join(dir, 'out')), [])
})

t.test('the second signal ends the process at once', async t => {
  const { child, all } = await stalledRun(t)
  child.kill('SIGINT')
  const [stopping] = (await once(child.stderr, 'data')) as [Buffer]
  t.match(String(stopping), '"msg":"stopping: up to 5 s')
  const end = await interrupt(child, 'SIGTERM', all)
  t.equal(end.code, 143)
  t.match(linesOf(end.stderr).at(-1), { msg: /^stopped at once: / })
  t.ok(end.ms < 3_500, `${Math.round(end.ms)} ms`)
})

t.test('whatever waits ends at once on SIGINT', async t => {
  const cases: [why: string, step: object, args: string[]][] = [
    ['a Retry-After', { status: 429, headers: { 'retry-after': '200' } }, []],
    ['a back-off', { status: 500 }, ['--retry-base', '1h', '--retry-max', '2h']],
    ['the cap', {}, ['--bwlimit', '1']],
    ['the limit of requests', {}, ['--tpslimit', '1/h']],
  ]
  for (const [why, step, args] of cases) {
    const origin = await originOf(t)
    origin.asset('/a', { size: 1_000_000 })
    const url = origin.script('/a', step)
    const child = start(t, ['-o', 'out', ...args], { cwd: t.testdir() })
    const all = ended(child)
    child.stdin.write(`x\n${url}\n${url}?2\n`)
    await once(child.stdout, 'data')
    const end = await interrupt(child, 'SIGINT', all)
    t.equal(end.code, 130, why)
    t.ok(end.ms < 3_500, `${why}: ${Math.round(end.ms)} ms`)
    t.equal(outcomesOf(end).length, 3, why)
  }
})

t.test('a reader who takes his time does not cost memory', { timeout: 240_000 }, async t => {
  const origin = await originOf(t)
  const url = origin.asset('/a', { size: 10 })
  const entries = 200_000
  const input = Readable.from(catalog({ entries, entry: () => url }))
  const child = start(t, ['-o', 'out', '--summary', 's.json', '-q'], {
    cwd: t.testdir(),
    input,
    // Less than the outcomes of all entries would take.
    node: ['--max-old-space-size=40'],
  })
  const slow = child.stdout.pipe(new PassThrough({ highWaterMark: 1024 }))
  let bytes = 0
  for await (const chunk of slow) {
    bytes += (chunk as Buffer).length
    await setTimeout(1)
  }
  const summary = JSON.parse(readFileSync(join(t.testdirName, 's.json'), 'utf8')) as Summary
  t.equal(summary.entries, entries)
  t.ok(bytes > entries * 50)
})

t.test('a plan of a million assets fits into a container of 128 MB', { timeout: 390_000 }, async t => {
  const procs = container(t, 128 * 1024 * 1024)
  if (procs === undefined) return unproved(t, 'this process may not limit the memory of others')
  const entries = 1_000_000
  const cwd = t.testdir()
  const entry = (index: number) => `http://127.0.0.1:1/${index}.jpg`
  await pipeline(catalog({ entries, entry }), createWriteStream(join(cwd, 'catalog.ndjson')))
  const line = `echo $$ > ${procs}; exec $SLUICE plan -q -o out --summary s.json catalog.ndjson > /dev/null`
  // Less than what is known of all of them would take, if it were kept.
  const node = ['--max-old-space-size=40']
  const { code, stderr } = await runShell(t, line, { cwd, node })
  t.equal(code, 0, stderr)
  t.match(JSON.parse(readFileSync(join(cwd, 's.json'), 'utf8')), { entries, planned: { assets: entries } })
})

t.test(
  'a container of 128 MB syncs many assets, and finds all of them unchanged',
  { timeout: 300_000 },
  async t => {
    const procs = container(t, 128 * 1024 * 1024)
    if (procs === undefined) return unproved(t, 'this process may not limit the memory of others')
    const origin = await startOrigin({ asset: () => ({ size: 100 }) })
    t.teardown(origin.close)
    const entries = 5_000
    const cwd = t.testdir()
    const entry = (index: number) => ({ url: `${origin.url}/${index % 100}/${index}.jpg` })
    const array = catalog({ entries, format: 'json', entry })
    await pipeline(array, createWriteStream(join(cwd, 'catalog.json')))
    for (const became of [{ stored: entries }, { stored: 0, skipped: { unchanged: entries } }]) {
      const line = `echo $$ > ${procs}; exec $SLUICE -q -o out --per-origin 10 --summary s.json catalog.json > /dev/null`
      const { code, stderr } = await runShell(t, line, { cwd })
      t.equal(code, 0, stderr)
      t.match(JSON.parse(readFileSync(join(cwd, 's.json'), 'utf8')), { entries, ...became })
    }
  },
)

/** What the command writes to a terminal, its outcomes going to a file unless they are to be seen. */
const onTerminal = async (
  t: Test,
  args: string,
  {
    columns = 80,
    outcomes = 'outcomes',
    ...options
  }: Parameters<typeof runShell>[2] & {
    columns?: number
    outcomes?: string
  },
): Promise<Ended> =>
  runShell(
    t,
    `script -qec "stty cols ${columns}; $SLUICE ${args} > ${outcomes}" /dev/null`,
    // As NO_COLOR says, so that only the tests of colours have to look behind them.
    { ...options, env: { NO_COLOR: '1', ...options.env } },
  )

t.test('on a terminal there is a line of progress that fits, and a summary for people', async t => {
  const origin = await originOf(t)
  origin.asset('/slow', { size: 100 })
  const slow = origin.script('/slow', { latencyMs: 700 })
  const dir = t.testdir({ urls: `x\n${slow}\n` })
  for (const columns of [40, 200]) {
    const { stdout: screen, code } = await onTerminal(t, `-o out${columns} urls`, { cwd: dir, columns })
    t.equal(code, 1)
    const lines = screen.split('\r\n').flatMap(line => line.split('\r\x1b[K'))
    t.ok(
      lines.some(line => line.startsWith('1/2 · 1 failed · ')),
      screen,
    )
    const progress = lines.filter(line => line.includes(' · '))
    t.ok(
      progress.every(line => line.length < columns),
      screen,
    )
    const summary = lines.slice(lines.findIndex(line => line.startsWith('2 entries'))).join('\n')
    t.match(
      summary.replace(/\n {12}/g, ' '),
      /^2 entries in .*\n {2}stored {4}1 \(100 B\)\n {2}failed {4}1 ERR_ENTRY_INVALID\n {2}received {2}\d+ B, .*\n(?: {2}peak {6}\d.* in the worst second\n)? {2}exit {6}1: some entries failed\n$/,
    )
    t.match(screen, '\r\x1b[K2 entries', 'in the place of the progress line')
    t.equal(linesOf(readFileSync(join(dir, 'outcomes'), 'utf8')).length, 2)
  }
})

t.test(
  'outcomes on the same terminal stand on lines of their own, and tell of failures themselves',
  async t => {
    const dir = t.testdir({ urls: 'x\ny\n' })
    const { stdout: screen } = await onTerminal(t, '-o out urls', {
      cwd: dir,
      columns: 200,
      outcomes: '/dev/tty',
    })
    const lines = screen.split('\r\n').map(line => line.split('\x1b[K').at(-1) ?? '')
    t.equal(lines.filter(line => line.startsWith('{"index":')).length, 2, JSON.stringify(screen))
    t.notMatch(screen, ' warn ')
  },
)

t.test('failures are in colour unless that is not wanted, and a dumb terminal gets no escapes', async t => {
  const dir = t.testdir({ urls: 'x\n' })
  const cases: [env: NodeJS.ProcessEnv, hasEscapes: boolean, hasColours: boolean][] = [
    [{ TERM: 'xterm', NO_COLOR: '' }, true, true],
    [{ TERM: 'xterm', NO_COLOR: '1' }, true, false],
    [{ TERM: 'dumb', NO_COLOR: '' }, false, false],
  ]
  for (const [env, hasEscapes, hasColours] of cases) {
    const { stdout: screen } = await onTerminal(t, '-o out urls', { cwd: dir, env })
    t.equal(screen.includes('\x1b'), hasEscapes, JSON.stringify(screen))
    t.equal(screen.includes('\x1b[31m  failed    1 ERR_ENTRY_INVALID'), hasColours)
    t.match(screen, '  failed    1 ERR_ENTRY_INVALID')
    if (!hasEscapes) t.notMatch(screen, '0/0+', 'nor a line before anything happened')
  }
  const { stderr } = await run(t, ['-o', 'out', 'urls'], {
    cwd: dir,
    env: { TERM: 'xterm', FORCE_COLOR: '1' },
  })
  t.notMatch(stderr, '\x1b', 'nor does anything that is no terminal')
})

t.test('no progress where it is not wanted, and now and then where no terminal is but a wish', async t => {
  const dir = t.testdir({ urls: '', none: '' })
  for (const flag of ['--no-progress', '-q']) {
    const { stdout } = await onTerminal(t, `-o out ${flag} urls`, { cwd: dir })
    t.notMatch(stdout, ' · ')
    if (flag === '-q') t.equal(stdout, '')
  }
  const wished = await run(t, ['-o', 'out', '--progress', 'urls'], { cwd: dir })
  t.match(linesOf(wished.stderr), [
    { level: 'info', msg: 'progress', entries: 0, read: 0, cap: null, inFlight: 0 },
    { level: 'info', msg: 'summary' },
  ])
})

t.test(
  'the first failures are warnings where nobody sees the outcomes, and are all that -q leaves',
  async t => {
    const origin = await originOf(t)
    const rows = [1, 2, 3, 4, 5, 6, 7].map(n => `${origin.url}/${n}?token=s3cret`)
    const dir = t.testdir({ urls: `x\n${rows.join('\n')}\n`, good: origin.asset('/good', { size: 10 }) })
    const { stderr } = await runShell(t, '$SLUICE -q -o out urls > outcomes', { cwd: dir })
    const warnings = linesOf(stderr)
    t.equal(warnings.length, 6)
    t.ok(warnings.every(({ level }) => level === 'warn'))
    t.match(warnings[0], {
      index: 0,
      code: 'ERR_ENTRY_INVALID',
      msg: 'expected an absolute http or https URL',
    })
    t.match(warnings[1], { url: /\/\d\?…$/, code: 'ERR_HTTP_STATUS', msg: 'the origin answered 404' })
    t.equal(warnings[5]?.['msg'], 'more entries failed: see the outcomes')
    t.equal((await runShell(t, '$SLUICE -q -o out good > outcomes', { cwd: dir })).stderr, '')
    const piped = await runShell(t, '$SLUICE -q -o out urls | cat > outcomes', { cwd: dir })
    t.equal(piped.stderr, '', 'whoever reads the pipe is told by the outcomes')
  },
)

t.test('with -v every attempt that failed is told', async t => {
  const origin = await originOf(t)
  origin.asset('/a', { size: 10 })
  const url = origin.script('/a', [{ status: 503 }, { status: 500 }])
  const input = url.replace('//', '//user:s3cret@')
  const { stderr } = await run(t, ['-v', '-o', 'out', '--retry-base', '1ms'], { input, cwd: t.testdir() })
  const facts = { level: 'debug', index: 0, code: 'ERR_HTTP_STATUS', url, waitMs: Number }
  t.match(linesOf(stderr), [
    { ...facts, msg: 'attempt 1 of 4: the origin answered 503' },
    { ...facts, msg: 'attempt 2 of 4: the origin answered 500' },
    { msg: 'summary' },
  ])
})
