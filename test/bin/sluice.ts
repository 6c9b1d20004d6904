import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { builtCommand, linesOf, run } from '../../fixtures/command.js'

t.test('the built command is a program', async t => {
  t.match(readFileSync(builtCommand, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  t.ok(statSync(builtCommand).mode & 0o100)
})

t.test('its exit status is what main gives', async t => {
  t.equal((await run(t, ['--version'])).code, 0)
  t.equal((await run(t, ['--nonsense'])).code, 2)
})

t.test('what is stuck does not hold the end, and nothing that was said is lost', async t => {
  const node = ['--import', asModule('setInterval(() => {}, 1e6)')]
  t.match(await run(t, ['--version'], { node }), { code: 0, stdout: /^\d/ })
  t.match(await run(t, ['--nonsense'], { node }), { code: 2, stderr: /^sluice: --nonsense.*\n$/ })
  // Far more than a pipe holds.
  const rows = 20_000
  const input = 'x\n'.repeat(rows)
  const args = ['-o', 'out', '--log-level', 'debug']
  const { code, stdout, stderr } = await run(t, args, { node, input, cwd: t.testdir() })
  t.equal(code, 1)
  t.equal(linesOf(stdout).length, rows)
  t.equal(linesOf(stderr).length, rows + 1)
})

/** Makes loading a package an error. */
const withoutPackages = (...packages: readonly string[]): string[] => {
  const pattern = `/node_modules/(${packages.join('|')})/`
  const hook = `export const load = (url, context, next) => { if (new RegExp(${JSON.stringify(pattern)}).test(url)) throw new Error('loads ' + url); return next(url, context) }`
  const register = `import { register } from 'node:module'; register(${JSON.stringify(asModule(hook))})`
  return ['--import', asModule(register)]
}

const asModule = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`

const packages = Object.keys(
  (
    JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
  ).dependencies,
)

t.test('help, version and refused options load no package at all', async t => {
  const node = withoutPackages(...packages)
  const cases: [args: string[], code: number][] = [
    [['--help'], 0],
    [['--version'], 0],
    [[], 2],
    [['-o', 'd', '-j', 'x'], 2],
    [['-o', 'd', 'missing.json'], 2],
  ]
  for (const [args, code] of cases) {
    const ended = await run(t, args, { node, cwd: t.testdir() })
    t.equal(ended.code, code, args.join(' '))
    t.notMatch(ended.stderr, 'loads')
  }
  const real = await run(t, ['-o', 'd'], { node, cwd: t.testdir() })
  t.match(real.stderr, 'loads', 'and a run would be noticed')
})
