import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { pool } from '../../bin/pool.js'
import { run, start } from '../../fixtures/command.js'
import { startOrigin } from '../../fixtures/origin.js'
import { until } from '../../fixtures/until.js'
import { operatePool } from '../../lib/index.js'

/** Not among the fixtures, whose names are longer than the path of a socket may be. */
const socketOf = (t: Test): string => {
  t.testdir()
  const directory = mkdtempSync(join(tmpdir(), 'sluice-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return `unix:${directory}/pool.sock`
}

t.test('a line that says nothing is refused in one line, before anything is asked', async t => {
  const cases: [words: string[], message: string][] = [
    [[], 'sluice pool: expected one of status, pause, resume, set, got nothing'],
    [['stats', 'local:'], 'sluice pool: expected one of status, pause, resume, set, got "stats"'],
    [['status'], 'sluice pool: expected a URL such as redis://host:6379/0, got nothing'],
    [['status', 'local:', 'a', 'b'], 'sluice pool: expected a URL and the name of a pool, got "b"'],
    [['status', 'local:', '--for', '5s'], '--for: not a flag of sluice pool status'],
    [['pause', 'local:', '--for', 'soon'], '--for: expected a duration such as 500ms, 30s or 5m, got "soon"'],
    [['status', 'http://host'], 'URL: expected redis://HOST, rediss://HOST, unix:PATH or local:, got "…"'],
    [
      ['status', 'local:', 'a b'],
      'NAME: expected a name of at most 100 letters, digits, dots, dashes, underscores or @, got "a b"',
    ],
    [['status', 'local:', '--nope'], "sluice pool: Unknown option '--nope'"],
  ]
  for (const [words, message] of cases) await t.rejects(pool(words), { code: 'ERR_OPTION', message }, message)
})

t.test('without a URL the pool is that of the environment, as for runs', async t => {
  const env = { SLUICE_POOL: 'http://host', SLUICE_POOL_NAME: 'a b' }
  await t.rejects(pool(['status'], env), { message: /^URL: expected redis:/ })
  await t.rejects(pool(['status', 'local:'], env), { message: /^NAME: expected a name/ })
  await t.rejects(pool(['status'], { SLUICE_POOL: '' }), {
    message: /expected a URL such as .*, got nothing/,
  })
})

t.test('who asks for help has it, whatever else the line says', async t => {
  const { code, stdout } = await run(t, ['pool', 'stats', '--help'])
  t.equal(code, 0)
  t.match(stdout, 'sluice pool status URL [NAME]')
})

t.test('a quota that is spent is what ended the run, however many entries that overtook', async t => {
  const url = socketOf(t)
  const origin = await startOrigin()
  t.teardown(origin.close)
  const input = Array.from({ length: 100 }, (_, n) => `${origin.asset(`/${n}`, { size: 10 })}\n`).join('')
  const limits = ['--quota', '10/d', '--retry-after-max', '1s', '--max-failures', '5']
  const { code, stderr } = await run(t, ['-o', `${t.testdirName}/out`, '--pool', url, ...limits], { input })
  t.equal(code, 6, stderr)
  t.match(stderr, /"resumeAt":"\d{4}-/)
})

t.test('an operator sees what is going on, and holds it up', async t => {
  const url = socketOf(t)
  const origin = await startOrigin()
  t.teardown(origin.close)
  const args = ['-q', '-o', `${t.testdirName}/out`, '--pool', url, '--pool-name', 'shop', '--tpslimit', '50']
  const child = start(t, args)
  let stored = 0
  child.stdout.on('data', chunk => {
    stored += String(chunk).split('\n').length - 1
  })
  for (let n = 0; n < 200; n++) child.stdin.write(`${origin.asset(`/${n}`, { size: 10 })}\n`)
  await until(() => stored > 5)
  const status = await pool(['status', url, 'shop'])
  t.match(status, `pool shop at ${url}\n  limits   tpslimit 50\n`)
  t.match(status, /actors {3}1 of 1 users/)
  t.match(JSON.parse(await pool(['status', url, 'shop', '--json'])), {
    agreement: 'tpslimit 50',
    epoch: Number,
  })
  t.match(await pool(['pause', url, 'shop', '--for', '1m']), /^pool shop at \S+ is paused until 2/)
  t.match(await pool(['status', url, 'shop']), /paused {3}\d\d s more/)
  const paused = stored
  t.match(await pool(['resume', url, 'shop']), /^pool shop at \S+ is resumed\n/)
  await until(() => stored > paused + 5)
  t.match(
    await pool(['set', url, 'shop', '--tpslimit', '500']),
    /^pool shop at \S+ has these limits from now on\n/,
  )
  t.match(await pool(['status', url, 'shop']), /limits {3}set by an operator/)
  t.match(await pool(['set', url, 'shop']), /has the limits that processes were started with from now on\n/)
  child.kill('SIGKILL')
})

t.test(
  'who names other limits ends with 2 before the first request, and says what the others have',
  async t => {
    const url = socketOf(t)
    const origin = await startOrigin()
    t.teardown(origin.close)
    const flags = ['-o', `${t.testdirName}/out`, '--pool', url]
    const child = start(t, ['-q', ...flags, '--tpslimit', '50'])
    child.stdin.write(`${origin.asset('/a', { size: 10 })}\n`)
    await until(() => origin.requests.length > 0)
    const { code, stderr, stdout } = await run(t, [...flags, '-q', '--tpslimit', '40'], {
      input: `${origin.asset('/b', { size: 10 })}\n`,
    })
    t.equal(code, 2)
    t.match(stderr, 'the pool is in use with other limits: expected tpslimit 50, got tpslimit 40')
    t.equal(stdout, '')
    t.equal(origin.requests.length, 1)
  },
)

t.test('processes share what an API grants in units, besides what they have of the link', async t => {
  const url = socketOf(t)
  const origin = await startOrigin({ asset: () => ({ size: 10 }) })
  t.teardown(origin.close)
  const dir = t.testdir()
  const section = { unitlimit: 200, unitCosts: { 'GET /dear/*': 10, '/**': 1 }, poolName: 'api' }
  writeFileSync(`${dir}/config.json`, JSON.stringify({ pool: url, origins: { [origin.url]: section } }))
  const count = 15
  const runs = ['a', 'b'].map(name =>
    run(t, ['-o', `${dir}/${name}`, '--config', `${dir}/config.json`, '--check', 'none', '--no-progress'], {
      input: Array.from({ length: count }, (_, n) => `${origin.url}/dear/${name}${n}\n`).join(''),
    }),
  )
  for (const { code, stderr } of await Promise.all(runs)) t.equal(code, 0, stderr)
  const at = origin.requests.map(request => request.at).sort((a, b) => a - b)
  t.equal(at.length, 2 * count)
  for (const [index, time] of at.entries()) {
    const within = at.slice(index).filter(other => other < time + 1000).length
    t.ok(within <= 21, `${within} in a second, of 20 and one that took its time`)
  }
})

t.test('an API that pushes back holds up all who share what it grants', async t => {
  const url = socketOf(t)
  const origin = await startOrigin({ asset: () => ({ size: 10 }) })
  t.teardown(origin.close)
  const dir = t.testdir()
  const section = { tpslimit: 50, poolName: 'api' }
  writeFileSync(`${dir}/config.json`, JSON.stringify({ pool: url, origins: { [origin.url]: section } }))
  const args = ['--config', `${dir}/config.json`, '--check', 'none', '-q']
  const child = start(t, ['-o', `${dir}/busy`, ...args])
  for (let n = 0; n < 1000; n++) child.stdin.write(`${origin.url}/busy/${n}\n`)
  await until(() => origin.requests.length > 5)
  origin.script('/limited', [{ status: 429, headers: { 'retry-after': '2' } }])
  const limited = run(t, ['-o', `${dir}/limited`, ...args], { input: `${origin.url}/limited\n` })
  await until(() => origin.requests.some(({ path }) => path === '/limited'))
  const from = origin.requests.find(({ path }) => path === '/limited')?.at ?? 0
  t.equal((await limited).code, 0)
  const meanwhile = origin.requests.filter(({ at }) => at > from + 200 && at < from + 1900)
  t.strictSame(meanwhile, [])
  t.ok(origin.requests.some(({ at, path }) => at >= from + 1900 && path.startsWith('/busy')))
  child.kill('SIGKILL')
})

t.test('an operator of the library waits for nothing and leaves nothing', async t => {
  const operator = await operatePool(socketOf(t), 'idle')
  t.match(await operator.status(), { users: [], pausedUntil: 0 })
  await t.rejects(operator.pause(0), { code: 'ERR_OPTION' })
  await operator.close()
})
