import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { container } from '../../fixtures/container.js'
import { failing, has, makeReadOnly, mountExfat, mountExt4, mountSmall } from '../../fixtures/faults/disk.js'
import { type Oracle, openOracle } from '../../fixtures/faults/oracle.js'
import { openWallClock } from '../../fixtures/faults/wall-clock.js'
import { startOrigin } from '../../fixtures/origin.js'
import { unproved } from '../../fixtures/unproved.js'
import type { Outcome } from '../../lib/outcome.js'

/* What goes wrong with files, disks and processes, and what must come of it: rows F1 to F32 of the fault matrix. */

const KiB = 1024
const old = 'what stood there before'

const open = async (t: Test, size = 10 * KiB) => {
  const origin = await startOrigin({ asset: () => ({ size }) })
  t.teardown(origin.close)
  const oracle = openOracle(t)
  const bytes = (n: number | string) => origin.bytes(`/${n}`)
  /** Rows for assets that are stored under these paths. */
  const rows = (...paths: readonly string[]) =>
    paths.map((path, n) => JSON.stringify({ url: `${origin.url}/${n}`, path })).join('\n')
  const run = (
    paths: readonly string[],
    options: Partial<Parameters<Oracle['run']>[1]> & { args?: string[] } = {},
  ) => {
    const { args = [], ...rest } = options
    return oracle.run(['-o', oracle.out, '--retry-base', '1ms', '--retry-max', '5ms', ...args], {
      input: rows(...paths),
      rows: paths.length,
      contents: Object.fromEntries(paths.map((path, n) => [path, [old, bytes(n)]])),
      sentBytes: () => origin.sentBytes,
      ...rest,
    })
  }
  /** What stands under the path of each asset. */
  const put = (path: string, content = old) => {
    mkdirSync(join(oracle.out, path, '..'), { recursive: true })
    writeFileSync(join(oracle.out, path), content)
  }
  return { origin, oracle, bytes, run, put, out: oracle.out }
}

const codes = (outcomes: readonly Outcome[]): string[] =>
  outcomes
    .toSorted((a, b) => a.index - b.index)
    .map(outcome => (outcome.status === 'failed' ? outcome.error.code : outcome.status))

/** After a fault that is over, the next run stores everything. */
const recovers = async (
  t: Test,
  { run, out, bytes }: Awaited<ReturnType<typeof open>>,
  paths: readonly string[],
) => {
  await run(paths, { exit: 0 })
  for (const [n, path] of paths.entries())
    t.ok(readFileSync(join(out, path)).equals(bytes(n)), `${path} is there now`)
}

t.test('F1, F5 a disk without space or inodes', async t => {
  for (const [row, options] of [
    ['F1 no space', 'size=1m'],
    ['F5 no inodes', 'size=8m,nr_inodes=40'],
  ] as const)
    await t.test(row, async t => {
      const opened = await open(t, 60 * KiB)
      if (!mountSmall(t, opened.out, options)) return unproved(t, 'this process may not mount')
      opened.put('0')
      const paths = Array.from({ length: 40 }, (_, n) => `${n}`)
      const { outcomes, stderr } = await opened.run(paths, { exit: 4, rows: undefined })
      t.ok(codes(outcomes).includes('ERR_DESTINATION'))
      t.match(stderr, /full/)
      return undefined
    })
})

const canInject = has('strace') && process.platform === 'linux'

t.test('F1 to F4, F25, F32 system calls that fail', async t => {
  if (!canInject) return unproved(t, 'there is no strace here')
  const halts = { exit: 4, code: 'ERR_DESTINATION' }
  const cases: [title: string, injections: string[], expected: { exit: number; code?: string }][] = [
    ['F1 no space in a write', ['pwrite64:error=ENOSPC:when=1'], halts],
    ['F4 a quota that is used up', ['pwrite64:error=EDQUOT:when=1'], halts],
    [
      'F4 a file that may not be that large',
      ['pwrite64:error=EFBIG:when=1'],
      { exit: 1, code: 'ERR_DESTINATION' },
    ],
    ['F3 a disk that fails a write', ['pwrite64:error=EIO:when=1'], halts],
    // LevelDB is the first to meet it: nothing is read of the manifest.
    ['F2 no space in fsync', ['fsync:error=ENOSPC'], { exit: 4 }],
    ['F3 a disk that fails an fsync', ['fsync:error=EIO'], { exit: 4 }],
    ['F25 modes that cannot be kept', ['fchmod:error=EPERM'], { exit: 0 }],
    ['F25 times that cannot be kept', ['utimensat:error=EPERM'], { exit: 0 }],
    ['F25 neither modes nor times', ['fchmod:error=ENOSYS', 'utimensat:error=ENOSYS'], { exit: 0 }],
    ['F32 a slow disk', ['pwrite64:delay_exit=20000'], { exit: 0 }],
  ]
  for (const [title, injections, { exit, code }] of cases)
    await t.test(title, async t => {
      const opened = await open(t)
      opened.put('a')
      opened.put('b')
      const { outcomes } = await opened.run(['a', 'b'], {
        exit,
        rows: exit === 4 && code === undefined ? 0 : 2,
        by: failing(injections),
        args: ['--durable', '-j', '1', '--retry-base', '1ms'],
      })
      t.equal(outcomes[0]?.status === 'failed' ? outcomes[0].error.code : undefined, code)
      await recovers(t, opened, ['a', 'b'])
    })
  return undefined
})

t.test(
  'F32 what a slow disk holds back waits at the origin, not in memory',
  { timeout: 120_000 },
  async t => {
    if (!canInject) return unproved(t, 'there is no strace here')
    const procs = container(t, 128 * 1024 * KiB)
    if (procs === undefined) return unproved(t, 'this process may not limit the memory of others')
    const opened = await open(t, 4 * 1024 * KiB)
    const paths = Array.from({ length: 60 }, (_, n) => `${n}`)
    const slow = failing(['pwrite64:delay_exit=40000', 'pwritev:delay_exit=40000', 'writev:delay_exit=40000'])
    const by = ['sh', '-c', `echo $$ > ${procs}; exec "$@"`, 'sh', ...slow]
    const { outcomes } = await opened.run(paths, { exit: 0, by, args: ['-j', '50', '--per-origin', '50'] })
    t.ok(codes(outcomes).every(code => code === 'stored'))
    return undefined
  },
)

t.test('F13 a name that is in use for a moment is tried again', async t => {
  if (!canInject) return unproved(t, 'there is no strace here')
  const opened = await open(t)
  const paths = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const path of paths) opened.put(path)
  // strace counts the calls of each thread: on its own LevelDB makes fewer of them.
  const { outcomes } = await opened.run(paths, {
    exit: 0,
    rows: paths.length,
    by: failing(['rename:error=EBUSY:when=5']),
    args: ['-j', '1', '--retry-base', '1ms'],
  })
  const attempts = outcomes.map(outcome => ('attempts' in outcome ? outcome.attempts : 0))
  t.strictSame(attempts.sort(), [1, 1, 1, 1, 1, 2])
  return undefined
})

t.test('H45, F11 sockets and connections that the system refuses', async t => {
  if (!canInject) return unproved(t, 'there is no strace here')
  const cases: [title: string, injection: string, code: string][] = [
    ...['EMFILE', 'ENFILE', 'ENOBUFS'].map((error): [string, string, string] => [
      `no socket for now: ${error}`,
      `socket:error=${error}:when=1..3`,
      'stored',
    ]),
    ['no socket at all: EMFILE', 'socket:error=EMFILE', 'ERR_DESTINATION'],
    ...['ETIMEDOUT', 'ENETUNREACH', 'EADDRNOTAVAIL'].map((error): [string, string, string] => [
      `no connection for now: ${error}`,
      `connect:error=${error}:when=1..3`,
      'stored',
    ]),
    ...['ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'EPERM'].map(
      (error): [string, string, string] => [
        `no connection at all: ${error}`,
        `connect:error=${error}`,
        'ERR_NETWORK',
      ],
    ),
  ]
  for (const [title, injection, code] of cases)
    await t.test(title, async t => {
      const opened = await open(t)
      opened.put('a')
      const { outcomes } = await opened.run(['a', 'b'], {
        by: failing([injection]),
        args: ['--retries', '3'],
      })
      t.strictSame(codes(outcomes), [code, code])
      const attempts = outcomes.reduce((sum, each) => sum + ('attempts' in each ? each.attempts : 0), 0)
      t.ok(code === 'stored' ? attempts > 2 : attempts === 8, `${attempts} attempts in all`)
      if (code !== 'stored')
        t.match(outcomes, [{ error: { retryable: true } }, { error: { retryable: true } }])
    })
  return undefined
})

t.test('F6 to F8 what may not be written', async t => {
  // The runner of tests notes down every process there, also those of nobody.
  mkdirSync('.tap/processinfo', { recursive: true })
  for (const notes of ['.tap/processinfo', '.tap/coverage']) if (existsSync(notes)) chmodSync(notes, 0o777)
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const isRoot = process.getuid?.() === 0
  await t.test('F6 DIR itself', async t => {
    if (!isRoot) return unproved(t, 'only root can become nobody')
    const opened = await open(t)
    opened.put('a')
    const { stderr } = await opened.run(['a', 'b'], { rows: 0, exit: 4, by: nobody })
    t.match(stderr, /EACCES/)
    t.equal(opened.origin.requests.length, 0, 'before the first request')
    return undefined
  })
  await t.test('F6 a directory in it', async t => {
    if (!isRoot) return unproved(t, 'only root can become nobody')
    const opened = await open(t)
    opened.put('closed/a')
    chmodSync(opened.out, 0o777)
    chmodSync(join(opened.out, 'closed'), 0o755)
    const { outcomes } = await opened.run(['closed/a', 'b'], { by: nobody })
    t.strictSame(codes(outcomes), ['ERR_DESTINATION', 'stored'])
    t.equal(readFileSync(join(opened.out, 'closed/a'), 'utf8'), old)
    return undefined
  })
  await t.test('F7 a directory that is immutable', async t => {
    const opened = await open(t)
    if (mountExt4(t, opened.out) === undefined) return unproved(t, 'this process may not mount')
    mkdirSync(join(opened.out, 'fixed'))
    spawnSync('chattr', ['+i', join(opened.out, 'fixed')])
    const { outcomes } = await opened.run(['fixed/a', 'b'])
    spawnSync('chattr', ['-i', join(opened.out, 'fixed')])
    t.strictSame(codes(outcomes), ['ERR_DESTINATION', 'stored'])
    return undefined
  })
  await t.test('F8 a file system that is read-only', async t => {
    const opened = await open(t)
    opened.put('a')
    if (!makeReadOnly(t, opened.out)) return unproved(t, 'this process may not mount')
    const { stderr } = await opened.run(['a'], { rows: 0, exit: 4 })
    t.match(stderr, /read-only/)
    t.equal(opened.origin.requests.length, 0)
    return undefined
  })
})

t.test('F9, F10, F14, F15, F17, F18 what stands in the way', async t => {
  type Standing = {
    make(out: string, outside: string): unknown
    path?: string
    code: string
    more?: (t: Test, out: string) => void
  }
  const cases: Record<string, Standing> = {
    'F9 a directory in the place of the file': {
      make: out => mkdirSync(join(out, 'a/b'), { recursive: true }),
      code: 'ERR_PATH_TAKEN',
    },
    'F9 a file in the place of a directory': {
      make: out => writeFileSync(join(out, 'a'), old),
      path: 'a/b',
      code: 'ERR_PATH_TAKEN',
    },
    'F10 a name of 255 bytes': { make: () => {}, path: 'x'.repeat(255), code: 'stored' },
    'F10 a path of 4,000 bytes': {
      make: () => {},
      path: `${`${'d'.repeat(99)}/`.repeat(30)}x`,
      code: 'stored',
    },
    'F10 a path that no program could open': {
      make: () => {},
      path: `${`${'d'.repeat(99)}/`.repeat(50)}x`,
      code: 'ERR_PATH_INVALID',
    },
    'F14 a link to a file outside': {
      make: (out, outside) => symlinkSync(join(outside, 'target'), join(out, 'a')),
      code: 'stored',
      more: (t, out) => t.notOk(lstatSync(join(out, 'a')).isSymbolicLink(), 'replaced'),
    },
    'F14 a link that leads nowhere': {
      make: out => symlinkSync('nowhere', join(out, 'a')),
      code: 'stored',
      more: (t, out) => t.notOk(existsSync(join(out, 'nowhere'))),
    },
    'F14 a link to itself': { make: out => symlinkSync('a', join(out, 'a')), code: 'stored' },
    'F14 a link to a directory outside': {
      make: (out, outside) => symlinkSync(outside, join(out, 'a')),
      code: 'stored',
    },
    'F15 a parent that is a link out of DIR': {
      make: (out, outside) => symlinkSync(outside, join(out, 'a')),
      path: 'a/b',
      code: 'ERR_PATH_ESCAPE',
    },
    'F15 a parent that is a link to a link out of DIR': {
      make: (out, outside) => [symlinkSync(outside, join(out, 'c')), symlinkSync('c', join(out, 'a'))],
      path: 'a/folder/b',
      code: 'ERR_PATH_ESCAPE',
    },
    'F15 a parent that is a link within DIR': {
      make: out => [mkdirSync(join(out, 'real')), symlinkSync('real', join(out, 'a'))],
      path: 'a/b',
      code: 'stored',
      more: (t, out) => t.ok(existsSync(join(out, 'real/b'))),
    },
    "F15 a parent that is a link to sluice's own directory": {
      make: out => [mkdirSync(join(out, '.sluice')), symlinkSync('.sluice', join(out, 'a'))],
      path: 'a/b',
      code: 'ERR_PATH_ESCAPE',
    },
    'F17 a FIFO': { make: out => spawnSync('mkfifo', [join(out, 'a')]), code: 'stored' },
    'F18 a hard link': {
      make: out => [writeFileSync(join(out, 'b'), old), linkSync(join(out, 'b'), join(out, 'a'))],
      code: 'stored',
      more: (t, out) =>
        t.equal(readFileSync(join(out, 'b'), 'utf8'), old, 'the other name keeps what it had'),
    },
  }
  for (const [title, { make, path = 'a', code, more }] of Object.entries(cases))
    await t.test(title, async t => {
      const { oracle, run, out, bytes } = await open(t)
      mkdirSync(out)
      make(out, oracle.outside)
      const { outcomes } = await run([path], { contents: {} })
      t.strictSame(codes(outcomes), [code])
      if (code === 'stored' && path.length < 1000) t.ok(readFileSync(join(out, path)).equals(bytes(0)))
      more?.(t, out)
    })
  await t.test('F9 an asset and one below it', async t => {
    const { run } = await open(t)
    t.strictSame(codes((await run(['a', 'a/b', 'c/d', 'c'])).outcomes), [
      'stored',
      'ERR_PATH_TAKEN',
      'stored',
      'ERR_PATH_TAKEN',
    ])
  })
  await t.test('F15 DIR that is a link itself', async t => {
    const { oracle, out, origin } = await open(t)
    mkdirSync(join(out, '../real'))
    symlinkSync('real', out)
    await oracle.run(['-o', out], { rows: 1, input: `${origin.url}/0` })
  })
  await t.test('F17 a socket', async t => {
    const { run, out, bytes } = await open(t)
    mkdirSync(out)
    // A socket's name may have no more than 107 bytes.
    const short = mkdtempSync(join(tmpdir(), 'sluice-'))
    const server = createServer().listen(join(short, 's'))
    t.teardown(() => rmSync(short, { recursive: true }))
    t.teardown(() => server.close())
    await once(server, 'listening')
    renameSync(join(short, 's'), join(out, 's'))
    await run(['s'], { contents: {} })
    t.ok(readFileSync(join(out, 's')).equals(bytes(0)))
  })
})

t.test('F11 few descriptors', async t => {
  if (!has('prlimit')) return unproved(t, 'there is no prlimit here')
  const opened = await open(t)
  const paths = Array.from({ length: 60 }, (_, n) => `${n}/${n}`)
  const { outcomes } = await opened.run(paths, {
    by: ['prlimit', '--nofile=60'],
    args: ['-j', '40', '--per-origin', '40', '--retries', '9', '--retry-max', '200ms'],
  })
  t.strictSame(
    codes(outcomes).filter(code => code !== 'stored'),
    [],
  )
  return undefined
})

t.test('F12 a workspace on another file system', async t => {
  const opened = await open(t)
  opened.put('a')
  if (!mountSmall(t, join(opened.out, '.sluice'), 'size=8m')) return unproved(t, 'this process may not mount')
  const { stderr } = await opened.run(['a', 'b'], { exit: 4, rows: undefined })
  t.match(stderr, /file system/)
  return undefined
})

t.test('F16 a directory that is swapped for a link while the run goes on', async t => {
  const { oracle, run, out } = await open(t, 1000)
  mkdirSync(join(out, 'a'), { recursive: true })
  const paths = Array.from({ length: 600 }, (_, n) => `a/${n}`)
  let isOver = false
  let swaps = 0
  const swap = async () => {
    while (!isOver) {
      try {
        renameSync(join(out, 'a'), join(out, 'away'))
        symlinkSync(oracle.outside, join(out, 'a'))
        await setTimeout(0)
        rmSync(join(out, 'a'))
        renameSync(join(out, 'away'), join(out, 'a'))
      } catch {
        // The run made a directory of its own meanwhile.
        rmSync(join(out, 'away'), { recursive: true, force: true })
      }
      swaps++
      await setTimeout(0)
    }
  }
  const swapping = swap()
  const { outcomes } = await run(paths, {
    contents: {},
    exit: 1,
    args: ['-j', '20', '--per-origin', '20'],
  }).finally(() => {
    isOver = true
  })
  await swapping
  const found = new Set(codes(outcomes))
  t.ok(swaps > 50 && found.has('stored'), `${swaps} swaps`)
  for (const code of found)
    t.ok(['stored', 'ERR_PATH_ESCAPE', 'ERR_PATH_TAKEN', 'ERR_DESTINATION'].includes(code), code)
})

t.test('F19, F25 a file system that folds case, and knows no modes', async t => {
  const opened = await open(t)
  const { out, run, bytes } = opened
  if (!mountExfat(t, out)) return unproved(t, 'this process may not mount')
  opened.put('old.txt')
  const paths = ['A.txt', 'a.TXT', 'É', 'é', 'd/x', 'D/y', 'D/X', 'OLD.TXT', 'a/b', 'A']
  const expected = [
    ...['stored', 'ERR_PATH_TAKEN', 'stored', 'ERR_PATH_TAKEN', 'stored', 'stored', 'ERR_PATH_TAKEN'],
    ...['stored', 'stored', 'ERR_PATH_TAKEN'],
  ]
  // Nobody reads old.txt meanwhile: exfat-fuse (1.3.0) aborts where a file that is open is replaced.
  const contents = { 'A.txt': [bytes(0)], 'd/x': [bytes(4)] }
  const { outcomes } = await run(paths, { contents })
  t.strictSame(codes(outcomes), expected)
  for (const [n, path] of paths.entries())
    if (expected[n] === 'stored') t.ok(readFileSync(join(out, path)).equals(bytes(n)), `${path} is its own`)
  const again = await run(paths, { contents })
  t.strictSame(
    codes(again.outcomes),
    expected.map(each => (each === 'stored' ? 'skipped' : each)),
    'times of two seconds are times enough',
  )
  return undefined
})

t.test('F20, F21 names that other systems fold or refuse are names here', async t => {
  const names = [
    ...[
      'é',
      'e\u0301',
      'straße',
      'strasse',
      'STRASSE',
      'ﬃ',
      'ffi',
      'K',
      '\u212a',
      'k',
      'Å',
      '\u212b',
      'ς',
      'σ',
    ],
    ...[
      'CON',
      'con',
      'AUX.c',
      'PRN./abc',
      'lpt1',
      'NUL',
      'x.',
      'x ',
      ' x',
      'ab:c',
      'a*?<>|"',
      'abcdef~1',
      '~',
      '-rf',
    ],
  ]
  await t.test('F20, F21 here', async t => {
    const { run, out, bytes } = await open(t, 100)
    t.strictSame(codes((await run(names)).outcomes), Array(names.length).fill('stored'))
    for (const [n, name] of names.entries())
      t.ok(readFileSync(join(out, name)).equals(bytes(n)), `${JSON.stringify(name)} is its own`)
  })
  await t.test('F21 on a file system that refuses some', async t => {
    const { run, out } = await open(t, 100)
    if (!mountExfat(t, out)) return unproved(t, 'this process may not mount')
    const { outcomes } = await run(['ab:c', 'a', 'b*', 'c/d?/e', 'd'], { contents: {} })
    t.strictSame(codes(outcomes), [
      'ERR_DESTINATION',
      'stored',
      'ERR_DESTINATION',
      'ERR_DESTINATION',
      'stored',
    ])
    return undefined
  })
})

t.test('F23 two runs at once', async t => {
  const { oracle, run, origin, out } = await open(t)
  let go = () => {}
  origin.script('/0', { latencyMs: 3000 })
  const first = run(['a'], { meanwhile: child => void child.once('spawn', () => go()) })
  const begun = new Promise<void>(resolve => {
    go = resolve
  })
  await begun
  while (origin.requests.length === 0) await setTimeout(5)
  const second = await oracle.run(['-o', out], {
    input: `${origin.url}/1`,
    rows: 0,
    exit: 4,
    contents: {},
    isKilled: true,
  })
  t.equal(second.code, 4)
  t.match(second.stderr, /another sluice run/)
  await first
})

t.test('F24 a file that is written by somebody else meanwhile is replaced', async t => {
  const { run, origin, out, bytes } = await open(t)
  origin.script('/0', { latencyMs: 300 })
  await run(['a'], {
    contents: {},
    async meanwhile() {
      while (origin.requests.length === 0) await setTimeout(5)
      writeFileSync(join(out, 'a'), 'of somebody else')
    },
  })
  t.ok(readFileSync(join(out, 'a')).equals(bytes(0)))
})

t.test('F28 an index that was torn', { timeout: 120_000 }, async t => {
  const opened = await open(t, 100)
  const paths = Array.from({ length: 20 }, (_, n) => `${n}`)
  await opened.run(paths)
  const index = join(opened.out, '.sluice/index')
  const log = readdirSync(index).find(name => name.endsWith('.log')) ?? ''
  const whole = readFileSync(join(index, log))
  const copy = join(t.testdirName, 'index')
  spawnSync('cp', ['-r', index, copy])
  const tears: [string, () => void][] = [
    ...[1, 7, 100, 500, whole.length - 1].map((at): [string, () => void] => [
      `cut at byte ${at}`,
      () => truncateSync(join(index, log), at),
    ]),
    ['a tail of zeros', () => writeFileSync(join(index, log), Buffer.concat([whole, Buffer.alloc(4096)]))],
    [
      'a tail that came twice',
      () => writeFileSync(join(index, log), Buffer.concat([whole, whole.subarray(-500)])),
    ],
    ['garbage', () => writeFileSync(join(index, log), Buffer.alloc(5000, 'garbage'))],
    ['no CURRENT', () => rmSync(join(index, 'CURRENT'))],
    ['an empty CURRENT', () => truncateSync(join(index, 'CURRENT'))],
    ['no log', () => rmSync(join(index, log))],
  ]
  for (const [title, tear] of tears)
    await t.test(title, async t => {
      rmSync(index, { recursive: true })
      spawnSync('cp', ['-r', copy, index])
      tear()
      const { outcomes } = await opened.run(paths, { exit: 0 })
      t.ok(outcomes.every(({ status }) => status !== 'failed'))
    })
})

t.test('F29 an index that cannot be written', async t => {
  if (!canInject) return unproved(t, 'there is no strace here')
  const opened = await open(t)
  await opened.run(['a'])
  const index = join(opened.out, '.sluice/index')
  // The log that the next run will write has the next number but one.
  const logs = Array.from({ length: 20 }, (_, n) => join(index, `${String(n).padStart(6, '0')}.log`))
  const { outcomes } = await opened.run(['b', 'c'], {
    exit: 4,
    rows: undefined,
    by: failing(['write:error=ENOSPC'], { paths: logs }),
  })
  t.ok(outcomes.every(({ status }) => status !== 'skipped'))
  await recovers(t, opened, ['b', 'c'])
  return undefined
})

t.test('F31 a process that stood still', async t => {
  const { run } = await open(t, 150 * KiB)
  // So many that some wait for the cap at every moment: what nobody waits for is never made up for anyway.
  const { summary } = await run(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], {
    args: [
      '--bwlimit',
      '400KiB',
      '--timeout',
      '1s',
      '--stall-timeout',
      '1s',
      '--retries',
      '0',
      '--per-origin',
      '10',
    ],
    async meanwhile(child) {
      await setTimeout(1200)
      child.kill('SIGSTOP')
      await setTimeout(1500)
      child.kill('SIGCONT')
    },
  })
  t.ok((summary?.worstSecond ?? 0) < 1.3 * 400 * KiB, `nothing was made up for: ${summary?.worstSecond}`)
})

t.test('F31 a wall clock that jumps', async t => {
  const { run, origin, bytes, out } = await open(t, 400 * KiB)
  const clock = openWallClock(t)
  if (!clock) return unproved(t, 'there is no libfaketime here')
  origin.script('/0', [{ status: 503, headers: { 'retry-after': '1' } }])
  const args = ['--bwlimit', '400KiB', '--timeout', '3s', '--stall-timeout', '3s', '--retries', '1']
  const { env } = clock
  let isOver = false
  const { outcomes, summary, ms } = await run(['a', 'b', 'c'], {
    args,
    env,
    exit: 0,
    async meanwhile(child) {
      child.once('exit', () => {
        isOver = true
      })
      while (origin.requests.length === 0) await setTimeout(5)
      for (const offset of ['+5h', '-3h', '+400d', '+0', '-20y'])
        if (!isOver) {
          clock.set(offset)
          await setTimeout(500)
        }
    },
  })
  const [first, second] = origin.requests.filter(({ path, method }) => path === '/0' && method === 'GET')
  t.ok((second?.at ?? 0) - (first?.at ?? 0) >= 1000, 'Retry-After is waited for')
  t.ok((second?.at ?? 0) - (first?.at ?? 0) < 3000, 'and no longer')
  t.ok(ms > 2500 && ms < 15_000, `the cap is neither lost nor made up for: ${ms}`)
  t.ok((summary?.worstSecond ?? 0) < 1.3 * 400 * KiB, `${summary?.worstSecond}`)
  t.ok(outcomes.every(outcome => outcome.status === 'stored' && outcome.ms >= 0 && outcome.ms < ms))
  for (const [n, path] of ['a', 'b', 'c'].entries()) t.ok(readFileSync(join(out, path)).equals(bytes(n)))
  for (const offset of ['-20y', '+400d']) {
    clock.set(offset)
    const again = await run(['a', 'b', 'c'], { env })
    t.strictSame(codes(again.outcomes), Array(3).fill('skipped'), `the index is as good at ${offset}`)
  }
  return undefined
})
