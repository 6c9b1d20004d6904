import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { openManifests } from '../../bin/manifests.js'
import { ended, linesOf, run, runShell, start } from '../../fixtures/command.js'
import type { ManifestOptions } from '../../lib/index.js'

const noStdin = () => {
  throw new Error('stdin was touched')
}

const rowsOf = async (
  names: readonly string[],
  options: ManifestOptions = { format: 'auto' },
): Promise<unknown[]> => {
  const { source, close } = openManifests(names, { stdin: noStdin, options })
  try {
    const rows: unknown[] = []
    for await (const row of source as AsyncIterable<unknown>) rows.push(row)
    return rows
  } finally {
    close()
  }
}

t.test('several manifests are read one after the other, each in its own format', async t => {
  const dir = t.testdir({
    'a.json': '["http://h/1", {"url":"http://h/2"}]',
    'b.txt': '# from a list\nhttp://h/3\n',
    'c.ndjson': '{"url":"http://h/4"}\n"http://h/5"\n',
    'empty.txt': '',
  })
  const names = ['a.json', 'b.txt', 'empty.txt', 'c.ndjson'].map(name => join(dir, name))
  t.strictSame(await rowsOf(names), [
    'http://h/1',
    { url: 'http://h/2' },
    'http://h/3',
    { url: 'http://h/4' },
    'http://h/5',
  ])
})

t.test('one of several manifests that is broken is named', async t => {
  const dir = t.testdir({ 'a.txt': 'http://h/1\n', 'b.json': '["http://h/2",' })
  const file = join(dir, 'b.json')
  await t.rejects(rowsOf([join(dir, 'a.txt'), file]), {
    code: 'ERR_MANIFEST',
    message: new RegExp(`^"${file}": .*byte \\d+`),
    offset: Number,
  })
})

t.test('a socket is no file, and one line says so', async t => {
  const dir = t.testdir()
  const server = createServer().listen(join(dir, 's'))
  await once(server, 'listening')
  t.teardown(() => server.close())
  t.throws(() => openManifests([join(dir, 's')], { stdin: noStdin, options: { format: 'auto' } }), {
    code: 'ERR_OPTION',
    message: /^MANIFEST: expected a readable file, got ".*" \(ENXIO\)$/,
  })
})

t.test('stdin can be called by its name, whatever it is', async t => {
  for (const name of ['/dev/stdin', '/dev/fd/0', '-']) {
    const { code, stdout, stderr } = await run(t, ['plan', '-o', `${t.testdir()}/out`, name], {
      input: 'http://h/a\n',
    })
    t.equal(code, 0, stderr)
    t.match(linesOf(stdout), [{ url: 'http://h/a', status: 'planned' }], name)
  }
})

t.test('more manifests are taken than files can be open', async t => {
  const dir = t.testdir({ one: '' })
  const names = Array.from({ length: 300 }, () => './one').join(' ')
  const { code, stderr } = await runShell(t, `ulimit -n 100; $SLUICE -o d ${names}`, { cwd: dir })
  t.equal(code, 0, stderr)
})

t.test('a manifest that cannot be read is refused before anything happens', async t => {
  const dir = t.testdir({ dir: {}, 'a.txt': '' })
  const cases: [names: string[], message: string][] = [
    [['missing.json'], 'MANIFEST: expected a readable file, got "missing.json" (ENOENT)'],
    [['a.txt', 'missing.json'], 'MANIFEST: expected a readable file, got "missing.json" (ENOENT)'],
    [['a.txt/b'], 'MANIFEST: expected a readable file, got "a.txt/b" (ENOTDIR)'],
    [['dir'], 'MANIFEST: expected a readable file, got "dir" (a directory)'],
    [['-', '-'], 'MANIFEST: expected stdin to be named once, got "-" twice'],
    [['https://user:pass@h/a?token=s'], 'MANIFEST: expected a readable file, got "https://h/a?…" (ENOENT)'],
  ]
  for (const [names, message] of cases) {
    const { code, stdout, stderr } = await run(t, ['-o', 'out', ...names], { cwd: dir })
    t.strictSame({ code, stdout, stderr }, { code: 2, stdout: '', stderr: `sluice: ${message}\n` })
    t.notOk(existsSync(join(dir, 'out')))
  }
})

t.test('a directory as stdin is refused, and so are options that do not fit several manifests', async t => {
  const dir = t.testdir({ 'a.txt': '' })
  const directory = await runShell(t, '$SLUICE -o out < .', { cwd: dir })
  t.match(directory, {
    code: 2,
    stderr: 'sluice: MANIFEST: expected a readable file, got "-" (a directory)\n',
  })
  const misfit = await runShell(t, '$SLUICE -o out -f urls --select a a.txt a.txt', { cwd: dir })
  t.match(misfit, { code: 2, stderr: 'sluice: --select: expected a manifest in JSON, got --format urls\n' })
  t.notOk(existsSync(join(dir, 'out')))
})

t.test(
  'stdin is read for "-", for nothing at all, between files, and not when only files are named',
  async t => {
    const dir = t.testdir({ 'a.txt': 'a\n', 'b.txt': 'b\n' })
    const cases: [args: string[], rows: string[]][] = [
      [[], ['stdin']],
      [['-'], ['stdin']],
      [['sync'], ['stdin']],
      [['sync', '-'], ['stdin']],
      [
        ['a.txt', '-', 'b.txt'],
        ['a', 'stdin', 'b'],
      ],
      [
        ['a.txt', 'b.txt'],
        ['a', 'b'],
      ],
    ]
    for (const [names, rows] of cases) {
      const { stdout } = await run(t, ['-o', 'out', ...names], { cwd: dir, input: 'stdin\n' })
      t.strictSame(
        linesOf(stdout).map(({ index, url }) => [index, url]),
        rows.map((row, index) => [index, row]),
        names.join(' '),
      )
    }
  },
)

t.test('a terminal as stdin is met with a hint and not with silence', async t => {
  const dir = t.testdir()
  const { code, stdout } = await runShell(t, `script -qec "$SLUICE -o out" /dev/null`, { cwd: dir })
  t.equal(code, 2)
  t.equal(
    stdout.trim(),
    'sluice: MANIFEST: expected a file or a pipe on stdin, got a terminal; see sluice --help',
  )
  t.notOk(existsSync(join(dir, 'out')))
})

t.test('a named pipe is a manifest, and one that stays silent does not hold the end', async t => {
  const dir = t.testdir({ none: '' })
  spawnSync('mkfifo', [join(dir, 'fifo')])
  const spoken = await runShell(t, '(echo x > fifo &); $SLUICE -o out fifo', { cwd: dir })
  t.match(linesOf(spoken.stdout), [{ index: 0, url: 'x' }])

  // Whoever opens a pipe for both neither waits for the other end nor lets it end.
  const held = openSync(join(dir, 'fifo'), 'r+')
  t.teardown(() => closeSync(held))
  for (const names of [['fifo'], ['none', 'fifo']]) {
    const silent = start(t, ['-o', 'out', ...names], { cwd: dir })
    const all = ended(silent)
    writeSync(held, 'y\n')
    silent.stdout.once('data', () => silent.kill('SIGINT'))
    const { code, stdout } = await all
    t.equal(code, 130)
    t.equal(linesOf(stdout).length, 1)
  }
})

t.test('pipes are let go of, whether or not their turn came', async t => {
  const dir = t.testdir()
  const fifos = ['a', 'b'].map(name => join(dir, name))
  for (const fifo of fifos) {
    spawnSync('mkfifo', [fifo])
    const held = openSync(fifo, 'r+')
    t.teardown(() => closeSync(held))
  }
  const isOpen = () => {
    const open = readdirSync('/proc/self/fd').map(fd => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return ''
      }
    })
    return fifos.map(fifo => open.filter(file => file === fifo).length - 1)
  }
  for (const [names, opened] of [
    [fifos, [1, 1]],
    [fifos.slice(0, 1), [1, 0]],
  ] as const) {
    const { close } = openManifests(names, { stdin: noStdin, options: { format: 'auto' } })
    t.strictSame(isOpen(), opened)
    close()
    await setImmediate()
    t.strictSame(isOpen(), [0, 0])
  }
})
