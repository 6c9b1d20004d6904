import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { judge } from '../../bench/cap/judge.js'
import { allRows, goals } from '../../bench/cap/rows.js'
import { unproved } from '../../fixtures/unproved.js'
import { until } from '../../fixtures/until.js'

const measured = {
  used: 0.98,
  worstSecond: 1.04,
  worstTenth: 1.4,
  p50: 1,
  p99: 4,
  max: 9,
  requestsPerAsset: 31,
}

t.test('every row has a name of its own', async t => {
  const names = allRows.map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
})

t.test('a row holds what all of its bounds allow', async t => {
  t.strictSame(judge(undefined, measured, 1), {})
  t.strictSame(judge(goals.ranges, measured, 1), { goal: '≥ 0.97, ≤ 1.05 x, ≤ 1.5 x', holds: 'yes' })
  for (const worse of [{ used: 0.96 }, { worstSecond: 1.06 }, { worstTenth: 1.6 }, { used: Number.NaN }])
    t.equal(judge(goals.ranges, { ...measured, ...worse }, 1).holds, 'no')
})

t.test('the neighbour is judged by what it has when it is alone', async t => {
  t.strictSame(judge(goals.neighbour, measured, 0.5), { goal: '≥ 0.97, p99 ≤ 4.0 ms', holds: 'yes' })
  t.equal(judge(goals.neighbour, measured, 0.4).holds, 'no')
  t.equal(judge(goals.neighbour, measured, undefined).goal, '≥ 0.97')
})

const bench = join(import.meta.dirname, '../../dist/bench/cap.js')

const memory = '/dev/shm'

/** What a bench has there. */
const filesOf = (pid: number | undefined): string[] =>
  existsSync(memory) ? readdirSync(memory).filter(name => name.startsWith(`sluice-bench-${pid}-`)) : []

const start = (t: Test, ...args: string[]) => {
  const env = { ...process.env, TMPDIR: t.testdir() }
  const child = spawn(process.execPath, [bench, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => {
    child.kill('SIGKILL')
    for (const name of filesOf(child.pid)) rmSync(join(memory, name), { recursive: true, force: true })
  })
  return child
}

/** The processes that there are now, and those of them that were started by `parent`. */
const processes = (parent?: number): string[] =>
  readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && (!parent || parentOf(pid) === parent))

const parentOf = (pid: string): number =>
  Number(readIfThere(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).split(' ')[3])

const networkOf = (pid: string): string => readIfThere(() => readlinkSync(`/proc/${pid}/ns/net`))

/** Processes end while they are looked at. */
const readIfThere = (read: () => string): string => {
  try {
    return read()
  } catch {
    return ''
  }
}

/** Runs the bench until it is under way, and gives the networks that it has made. */
const underWay = async (t: Test, ...args: string[]) => {
  const child = start(t, '--quick', '--only', '^200 KB, 50 Mbit/s$', ...args)
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  const closed = once(child, 'close')
  const pid = child.pid ?? 0
  const own = networkOf('self')
  const made = () =>
    new Set(
      processes(pid)
        .map(networkOf)
        .filter(network => network !== '' && network !== own),
    )
  let isOver = false
  void closed.then(() => {
    isOver = true
  })
  await until(() => isOver || made().size === 2)
  const networks = made()
  const end = async () => {
    const [code] = await closed
    const [stdout, stderr] = await said
    const left = {
      processes: processes().filter(pid => networks.has(networkOf(pid))),
      files: filesOf(pid),
    }
    return { code, stdout, stderr, left }
  }
  return { child, networks, end }
}

const nothing = { processes: [], files: [] }

t.test('the bench measures, and leaves no network behind', async t => {
  const { networks, end } = await underWay(t)
  const { code, stdout, stderr, left } = await end()
  if (code === 2) return unproved(t, stderr.trim())
  t.equal(code, 0, stderr)
  t.equal(networks.size, 2)
  t.match(stdout, /^200 KB, 50 Mbit\/s +\d\.\d\d +\d\.\d\d x/m)
  t.strictSame(left, nothing)
  return undefined
})

t.test('a bench that is interrupted leaves no network behind', async t => {
  const { child, networks, end } = await underWay(t, '--runs', '9')
  child.kill('SIGINT')
  const { code, stderr, left } = await end()
  if (code === 2) return unproved(t, stderr.trim())
  t.equal(code, 130, stderr)
  t.equal(networks.size, 2)
  t.strictSame(left, nothing)
  return undefined
})

t.test('a bench that is killed leaves no network behind either', async t => {
  const { child, networks, end } = await underWay(t, '--runs', '9')
  child.kill('SIGKILL')
  const { code, stderr } = await end()
  if (code === 2) return unproved(t, stderr.trim())
  t.equal(networks.size, 2)
  await until(() => !processes().some(pid => networks.has(networkOf(pid))))
  return undefined
})

t.test('a wrong flag is one line', async t => {
  const child = start(t, '--fast')
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])
  t.equal(child.exitCode, 2)
  t.match(stderr, /^.*--fast.*\n$/)
})
