import { readdirSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { probeFolding } from '../../lib/files/folding.js'

/** A file system that folds, in place of one that the machine may not have: it finds a file by the fold of its name. */
const probeOn = async (t: Test, foldName: (name: string) => string) => {
  const onFolding = await t.mockImport<typeof import('../../lib/files/folding.js')>(
    '../../lib/files/folding.js',
    {
      'node:fs/promises': {
        ...fs,
        lstat: async (path: string) => {
          const names = await fs.readdir(dirname(path))
          const name = names.find(name => foldName(name) === foldName(basename(path)))
          return fs.lstat(join(dirname(path), name ?? basename(path)))
        },
      },
    },
  )
  return onFolding.probeFolding(t.testdir())
}

t.test('where names are exact a path stays as it is', async t => {
  const dir = t.testdir()
  const fold = await probeFolding(dir)
  const isExact = process.platform === 'linux'
  t.equal(fold('A/\u00e9') === fold('a/\u00e9'), !isExact)
  t.equal(fold('e\u0301') === fold('\u00e9'), !isExact)
  t.same(readdirSync(dir), [], 'nothing is left of the probes')
})

t.test('where only case is folded, names that differ in case alone are one', async t => {
  const fold = await probeOn(t, name => name.toLowerCase())
  t.equal(fold('A/B.jpg'), fold('a/b.JPG'))
  t.not(fold('\u00e9'), fold('e\u0301'))
})

t.test('where only normalization is folded, case still counts', async t => {
  const fold = await probeOn(t, name => name.normalize('NFD'))
  t.equal(fold('\u00e9'), fold('e\u0301'))
  t.not(fold('A'), fold('a'))
})

t.test('where both are folded, full case folding decides', async t => {
  const fold = await probeOn(t, name => name.normalize('NFD').toLowerCase())
  const same = [
    ['\u00c9', 'e\u0301'],
    ['stra\u00dfe', 'STRASSE'],
    ['\u1e9e', 'ss'],
    ['\ufb03', 'FFI'],
    ['\u212a', 'k'],
    ['\u03c3', '\u03c2'],
    ['\u00c5', '\u212b'],
  ] as const
  for (const [name, other] of same) t.equal(fold(name), fold(other), `${name} and ${other}`)
  t.not(fold('a/b'), fold('a/c'))
})

t.test('a directory that cannot be written is an error', async t => {
  await t.rejects(probeFolding(join(t.testdir(), 'absent')), { code: 'ENOENT' })
})
