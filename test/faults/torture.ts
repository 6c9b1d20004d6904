import { type ChildProcess, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { failing, has, mountExt4, mountXfs, traced } from '../../fixtures/faults/disk.js'
import { openOracle } from '../../fixtures/faults/oracle.js'
import { randomFrom } from '../../fixtures/faults/random.js'
import { type Origin, startOrigin } from '../../fixtures/origin.js'
import { unproved } from '../../fixtures/unproved.js'
import { until } from '../../fixtures/until.js'

/*
 * Rows F26, F27 and F30: killed before every system call of an asset's life, every call failing in turn, killed at random for many
 * cycles while the catalog changes, and a power loss. In CI each in a short form; `TORTURE=1000 npx tap test/faults/torture.ts`
 * takes that many cycles.
 */

const cycles = Number(process.env['TORTURE'] ?? 8)
const isLong = cycles > 100
const KiB = 1024

const canInject = has('strace') && process.platform === 'linux'

/** Calls with which an asset comes to the disk, and what is known of it. */
const calls = [
  'openat',
  'pwrite64',
  'fchmod',
  'utimensat',
  'statx',
  'fsync',
  'fdatasync',
  'close',
  'rename',
  'write',
  'unlink',
  'mkdir',
]

const oneThread = { UV_THREADPOOL_SIZE: '1' }

type Life = {
  origin: Origin
  oracle: ReturnType<typeof openOracle>
  args: string[]
  input: string
  contents: Record<string, (string | Buffer)[]>
}

/** A directory in which `a` is stored, and about to be replaced, and `b` is new. */
const openLife = async (t: Test, size: number): Promise<Life> => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  const oracle = openOracle(t)
  const args = ['-o', oracle.out, '--durable', '--retries', '0', '-j', '1']
  const input = ['a', 'b']
    .map(path => JSON.stringify({ url: origin.asset(`/${path}`, { size, seed: path }), path: `x/${path}` }))
    .join('\n')
  await oracle.run(args, { input: input.split('\n')[0] ?? '', rows: 1 })
  const before = origin.bytes('/a')
  origin.asset('/a', { size, seed: 'another a' })
  const contents = { 'x/a': [before, origin.bytes('/a')], 'x/b': [origin.bytes('/b')] }
  cpSync(oracle.out, `${oracle.out}.before`, { recursive: true, preserveTimestamps: true })
  return { origin, oracle, args, input, contents }
}

const restore = ({ oracle: { out } }: Life): void => {
  rmSync(out, { recursive: true })
  cpSync(`${out}.before`, out, { recursive: true, preserveTimestamps: true })
}

/** How often each call is made by the first thread, and how often of that before the first connection. */
const countCalls = async (t: Test, life: Life): Promise<Map<string, { before: number; all: number }>> => {
  const log = join(t.testdirName, 'strace.log')
  const by = traced(log, [...calls, 'connect'])
  await life.oracle.run(life.args, {
    input: life.input,
    rows: 2,
    contents: life.contents,
    by,
    env: oneThread,
  })
  // The tracer outlives what it traces for a moment.
  await setTimeout(200)
  const lines = readFileSync(log, 'utf8').split('\n')
  const main = /^\d+/.exec(lines[0] ?? '')?.[0] ?? ''
  const counts = new Map<string, { before: number; all: number }>()
  let isConnected = false
  for (const line of lines) {
    const [, thread, call = ''] = /^(\d+) +(\w+)\(/.exec(line) ?? []
    if (call === 'connect') isConnected = true
    if (thread !== main && !['write', 'fdatasync', 'fsync'].includes(call)) continue
    const count = counts.get(call) ?? { before: 0, all: 0 }
    counts.set(call, { before: count.before + (isConnected ? 0 : 1), all: count.all + 1 })
  }
  restore(life)
  return counts
}

t.test(
  'F26 killed before each system call of an asset’s life, a run leaves what the next one completes',
  { timeout: 900_000 },
  async t => {
    if (!canInject) return unproved(t, 'there is no strace here')
    let kills = 0
    for (const size of isLong ? [100, 2 * KiB * KiB] : [100]) {
      const life = await openLife(t, size)
      const counts = await countCalls(t, life)
      for (const call of calls) {
        const { before = 0, all = 0 } = counts.get(call) ?? {}
        // A few of each are enough for CI.
        const step = isLong ? 1 : Math.max(1, Math.ceil((all - before) / 2))
        for (let n = before + 1; n <= all; n += step) {
          const killed = await life.oracle.run(life.args, {
            input: life.input,
            isKilled: true,
            contents: life.contents,
            by: failing([`${call}:signal=SIGKILL:when=${n}`]),
            env: oneThread,
          })
          if (killed.signal === 'SIGKILL') kills++
          const told = killed.outcomes.filter(({ status }) => status === 'stored').map(({ path }) => path)
          for (const path of told)
            t.ok(
              life.contents[path ?? '']?.at(-1)?.toString('latin1') === life.oracle.stored()[path ?? ''],
              `${path} was told to be stored, and is`,
            )
          const { outcomes } = await life.oracle.run(life.args, {
            input: life.input,
            rows: 2,
            contents: life.contents,
            exit: 0,
          })
          t.ok(
            outcomes.every(({ status }) => status !== 'failed'),
            `completed after a kill before ${call} ${n}`,
          )
          for (const [path, each] of Object.entries(life.contents))
            t.equal(life.oracle.stored()[path], each.at(-1)?.toString('latin1'))
          restore(life)
        }
      }
    }
    t.comment(`${kills} kills`)
    t.ok(kills >= (isLong ? 100 : 8), `${kills} kills`)
    return undefined
  },
)

t.test('F1 to F3 whichever call fails, nothing that was there is lost', { timeout: 900_000 }, async t => {
  if (!canInject) return unproved(t, 'there is no strace here')
  let [faults, landed] = [0, 0]
  const log = join(t.testdirName, 'faults.log')
  const life = await openLife(t, 100)
  const counts = await countCalls(t, life)
  for (const [call, errors] of Object.entries({
    openat: ['EMFILE', 'ENOSPC', 'EIO'],
    pwrite64: ['ENOSPC', 'EIO', 'EINTR'],
    fsync: ['EIO', 'ENOSPC'],
    fdatasync: ['EIO'],
    close: ['EIO'],
    rename: ['EIO', 'ENOSPC', 'EXDEV'],
    mkdir: ['ENOSPC'],
    statx: ['EIO', 'EACCES'],
  })) {
    const { before = 0, all = 0 } = counts.get(call) ?? {}
    const step = isLong ? 1 : Math.max(1, all - before)
    for (const error of isLong ? errors : errors.slice(0, 1))
      for (let n = before + 1; n <= all; n += step) {
        const failed = await life.oracle.run(life.args, {
          input: life.input,
          rows: undefined,
          isKilled: true,
          contents: life.contents,
          by: failing([`${call}:error=${error}:when=${n}`], { log }),
          env: oneThread,
        })
        // The tracer outlives what it traces for a moment.
        await setTimeout(50)
        if (readFileSync(log, 'utf8').includes('(INJECTED)')) landed++
        t.equal(failed.signal, null, `${call} ${n} with ${error} ends in good order`)
        t.ok([0, 1, 4].includes(failed.code ?? -1), `exit ${failed.code}`)
        for (const { status, path = '' } of failed.outcomes)
          if (status === 'stored')
            t.equal(
              life.oracle.stored()[path],
              life.contents[path]?.at(-1)?.toString('latin1'),
              'what was told to be stored is',
            )
        t.ok(existsSync(join(life.oracle.out, 'x/a')), 'what was there is there still')
        faults++
        await life.oracle.run(life.args, { input: life.input, rows: 2, contents: life.contents, exit: 0 })
        restore(life)
      }
  }
  t.ok(landed >= faults / 2 && landed >= 6, `${landed} of ${faults} came to pass`)
  t.comment(`${landed} faults`)
  return undefined
})

t.test(
  `F27 after ${cycles} kills at random, with a catalog that changes, every file is whole and nothing told is lost`,
  { timeout: 7_200_000 },
  async t => {
    const random = randomFrom(Number(process.env['SEED'] ?? 1))
    const origin = await startOrigin()
    t.teardown(origin.close)
    const oracle = openOracle(t)
    const names = Array.from({ length: 60 }, (_, n) => `d${n % 5}/${n}.bin`)
    const versions = new Map(names.map(name => [name, 0]))
    const contents = new Map<string, Buffer[]>(names.map(name => [name, []]))
    const publish = (name: string): void => {
      const version = (versions.get(name) ?? 0) + 1
      versions.set(name, version)
      const size = name.endsWith('0.bin') ? 1_500 * KiB : Math.floor(random() * 50 * KiB)
      origin.asset(`/${name}`, {
        seed: `${name} ${version}`,
        size,
        etag: `"${version}"`,
        lastModified: false,
      })
      contents.get(name)?.push(origin.bytes(`/${name}`))
    }
    for (const name of names) publish(name)
    const input = names.map(name => JSON.stringify({ url: `${origin.url}/${name}`, path: name })).join('\n')
    const args = ['-o', oracle.out, '--retry-base', '1ms']
    /** Kills one run of four while it starts, the others once they have asked so many times: how soon that is, is the machine's affair. */
    const kill = async (child: ChildProcess): Promise<void> => {
      const asked = origin.requests.length + random() * 1.2 * names.length
      const isStarting = random() < 0.25
      await until(() => isStarting || origin.requests.length >= asked || child.exitCode !== null)
      await setTimeout(random() * (isStarting ? 450 : 20))
      child.kill('SIGKILL')
    }
    let kills = 0
    let told = 0
    // A run that is over before it is killed counts for nothing.
    for (let cycle = 0; kills < cycles && cycle < 3 * cycles; cycle++) {
      const before = new Map(versions)
      for (const name of names) if (random() < 0.2) publish(name)
      const { signal, outcomes } = await oracle.run(args, {
        input,
        isKilled: true,
        contents: Object.fromEntries(contents),
        meanwhile: kill,
      })
      if (signal === 'SIGKILL') kills++
      const tmp = join(oracle.out, '.sluice/tmp')
      const drafts = existsSync(tmp) ? readdirSync(tmp).filter(name => !name.endsWith('.json')) : []
      t.ok(drafts.length <= 10, `I4: ${drafts.length} temporary files of 10 assets in flight`)
      for (const outcome of outcomes) {
        if (outcome.status !== 'stored') continue
        told++
        const { path = '' } = outcome
        const found = readFileSync(join(oracle.out, path))
        const version = Number(/\d+/.exec(outcome.etag ?? '')?.[0])
        t.ok(version >= (before.get(path) ?? 0), 'what is told is of this cycle')
        t.ok(found.equals(contents.get(path)?.[version - 1] ?? Buffer.alloc(0)), `${path} is what was told`)
      }
    }
    const { outcomes } = await oracle.run(args, { input, rows: names.length, exit: 0 })
    t.ok(outcomes.every(({ status }) => status !== 'failed'))
    for (const name of names)
      t.ok(
        readFileSync(join(oracle.out, name)).equals(contents.get(name)?.at(-1) ?? Buffer.alloc(0)),
        `${name} is the latest`,
      )
    t.equal(kills, cycles)
    t.ok(told > 0, `${told} outcomes of killed runs`)
    t.comment(`${kills} kills, ${told} outcomes of killed runs`)
  },
)

t.test(
  'F30 with --durable what was told survives a power loss, and without it need not',
  { timeout: 120_000 },
  async t => {
    const lazyExt4 = (t: Test, at: string) => mountExt4(t, at, 'loop,noauto_da_alloc,commit=300')
    for (const [title, durable, mount, options] of [
      ['with it', true, lazyExt4, 'loop'],
      ['without it', false, lazyExt4, 'loop'],
      // The copy has the identity of what is mounted still.
      ['with it, on XFS', true, mountXfs, 'loop,nouuid'],
    ] as const)
      await t.test(title, async t => {
        const origin = await startOrigin({ asset: () => ({ size: 3 * KiB }) })
        t.teardown(origin.close)
        const oracle = openOracle(t, t.testdir())
        const image = mount(t, oracle.out)
        if (image === undefined) return unproved(t, 'this process may not mount')
        const names = Array.from({ length: 150 }, (_, n) => `d${n % 7}/${n}`)
        const input = names
          .map(name => JSON.stringify({ url: `${origin.url}/${name}`, path: name }))
          .join('\n')
        const copy = join(t.testdirName, `copy-${durable}`)
        let told: string[] = []
        await oracle.run(['-o', oracle.out, ...(durable ? ['--durable'] : [])], {
          input,
          isKilled: true,
          async meanwhile(child) {
            let text = ''
            child.stdout.on('data', (chunk: Buffer) => {
              text += chunk
            })
            while ((text.match(/"stored"/g)?.length ?? 0) < 40) await setTimeout(1)
            told = [...text.matchAll(/"path":"([^"]+)","status":"stored"/g)].map(([, path = '']) => path)
            // What is in the image at this moment is what a power loss would leave.
            child.kill('SIGSTOP')
            spawnSync('cp', ['--sparse=always', image, copy])
            child.kill('SIGKILL')
          },
        })
        const at = join(t.testdirName, `after-${durable}`)
        mkdirSync(at)
        t.equal(spawnSync('mount', ['-o', options, copy, at]).status, 0)
        t.teardown(() => void spawnSync('umount', ['--lazy', at]))
        const lost = told.filter(
          path =>
            !existsSync(join(at, path)) || !readFileSync(join(at, path)).equals(origin.bytes(`/${path}`)),
        )
        t.ok(told.length >= 40)
        if (durable) t.strictSame(lost, [], `all of ${told.length} that were told are on the disk`)
        else t.ok(lost.length > 0, `this test sees what is lost without it: ${lost.length} of ${told.length}`)
        return undefined
      })
  },
)
